/** Targets of ping tasks as administrators write them (Komari 1.10). */

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

const MAX_PORT = 65_535;
const DEFAULT_PORT = 80;

/** `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address; undefined when it is none of these. */
export function parseHostTarget(target: string): HostAndPort | undefined {
  const text = target.trim();
  const match =
    /^\[([^[\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? /^([^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text);
  if (match === null) {
    // More than one colon and no brackets.
    return /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text)
      ? { host: text, port: DEFAULT_PORT }
      : undefined;
  }
  const port = match[2] === undefined ? DEFAULT_PORT : Number(match[2]);
  const host = match[1] ?? "";
  return port >= 1 && port <= MAX_PORT ? { host, port } : undefined;
}

/** A web address; without a scheme `http://` is meant. Undefined when it is none. */
export function parseWebTarget(target: string): string | undefined {
  const text = target.trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(address)) return undefined;
  const { protocol, href } = new URL(address);
  return protocol === "http:" || protocol === "https:" ? href : undefined;
}

/** A value above this is measured again. */
export const SLOW_MS = 1000;
/** A TCP connection that is so much quicker the second time had lost its first packet. */
const RETRANSMISSION_MS = 800;
export const LOST = -1;

/** What to report when the first value was above `SLOW_MS` and `again` is one at or below it. */
export function judgeSecond(kind: "icmp" | "tcp" | "http", first: number, again: number): number {
  return kind === "tcp" && first - again > RETRANSMISSION_MS ? LOST : again;
}
