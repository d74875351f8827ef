/** Environment variables as the process got them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where programs are looked for when no PATH was given. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Variables for a child: the inherited ones with `extra` on top, and never without a PATH. */
export function childEnvironment(
  inherited: Environment,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const merged: Record<string, string> = { PATH: DEFAULT_PATH };
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined) merged[name] = value;
  }
  return Object.assign(merged, extra);
}
