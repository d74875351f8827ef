/** Counter names of a core: `user>>>EMAIL>>>traffic>>>uplink` (PasarGuard node 5.1). */
const SEPARATOR = ">>>";

export interface StatName {
  readonly name: string;
  /** `traffic`. */
  readonly link: string;
  /** `uplink` or `downlink`. */
  readonly type: string;
}

/** The parts of a counter's name; undefined for a name of another form. */
export function parseStatName(counter: string): StatName | undefined {
  const [, name = "", link = "", type = ""] = counter.split(SEPARATOR);
  return name === "" || link === "" || type === "" ? undefined : { name, link, type };
}

/** What all counters of a kind, or those of one name, contain. */
export function statPattern(kind: "outbound" | "inbound" | "user", name?: string): string {
  return name === undefined ? kind + SEPARATOR : [kind, name, ""].join(SEPARATOR);
}

/** The name under which a core counts the addresses of a user. */
export function onlineName(email: string): string {
  return ["user", email, "online"].join(SEPARATOR);
}
