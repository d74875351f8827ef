/** The environment of this process; read here and nowhere else, so that every setting has one way in. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
