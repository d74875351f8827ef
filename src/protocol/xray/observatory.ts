/** Measured latencies of outbounds, from a core's `/debug/vars` (PasarGuard node 5.5). */
import Type from "typebox";
import { Check } from "typebox/value";

const Row = Type.Object({
  alive: Type.Optional(Type.Boolean()),
  delay: Type.Optional(Type.Number()),
  outbound_tag: Type.Optional(Type.String()),
  last_seen_time: Type.Optional(Type.Number()),
  last_try_time: Type.Optional(Type.Number()),
});
const Vars = Type.Object({
  observatory: Type.Optional(Type.Union([Type.Null(), Type.Record(Type.String(), Row)])),
});

export interface ObservedOutbound {
  readonly name: string;
  readonly link: string;
  readonly alive: boolean;
  readonly delayMs: number;
  /** Unix seconds, 0 for never. */
  readonly lastSeenAt: number;
  readonly lastTryAt: number;
}

/** Rows sorted by name; undefined when the core observes nothing. Throws `SyntaxError` for what is no such document. */
export function parseObservatory(text: string): readonly ObservedOutbound[] | undefined {
  const vars: unknown = JSON.parse(text);
  if (!Check(Vars, vars)) throw new SyntaxError("not the variables of a core");
  const { observatory } = vars;
  if (observatory === undefined || observatory === null) return undefined;
  return Object.entries(observatory)
    .map(([name, row]) => ({
      name,
      link: row.outbound_tag ?? name,
      alive: row.alive ?? false,
      delayMs: row.delay ?? 0,
      lastSeenAt: row.last_seen_time ?? 0,
      lastTryAt: row.last_try_time ?? 0,
    }))
    .sort((left, right) => left.name.localeCompare(right.name));
}
