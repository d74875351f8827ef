/**
 * Parameters of a query string or a form. The first of repeated names wins (PiKVM API 2.3); the object has no
 * prototype, so a name such as `constructor` is absent unless it was sent.
 */
export type Parameters = Record<string, string>;

function bare(): Parameters {
  const parameters: Parameters = {};
  Object.setPrototypeOf(parameters, null);
  return parameters;
}

export function parseQuery(text: string): Parameters {
  const parameters = bare();
  if (text === "") return parameters;
  for (const [name, value] of new URLSearchParams(text)) {
    if (!(name in parameters)) parameters[name] = value;
  }
  return parameters;
}
