import Type from "typebox";

export const ProbeTaskBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128 }),
    type: Type.Enum(["icmp", "tcp", "http"]),
    /** Host (icmp), host:port (tcp) or URL (http). */
    target: Type.String({ minLength: 1, maxLength: 2048 }),
    intervalSeconds: Type.Integer({ minimum: 5, maximum: 86_400, default: 60 }),
    /** `only` the listed nodes, or all `except` them. */
    cover: Type.Enum(["only", "except"]),
    /** `FleetNode.id`. */
    nodes: Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 100_000 }),
    weight: Type.Integer({ default: 0 }),
    isDefaultOn: Type.Boolean({ default: false }),
  },
  { additionalProperties: false },
);
export type ProbeTaskBody = Type.Static<typeof ProbeTaskBody>;

export const ProbeTaskPatch = Type.Partial(
  Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 128 }),
      type: Type.Enum(["icmp", "tcp", "http"]),
      target: Type.String({ minLength: 1, maxLength: 2048 }),
      intervalSeconds: Type.Integer({ minimum: 5, maximum: 86_400 }),
      cover: Type.Enum(["only", "except"]),
      nodes: Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 100_000 }),
      weight: Type.Integer(),
      isDefaultOn: Type.Boolean(),
    },
    { additionalProperties: false },
  ),
);
export type ProbeTaskPatch = Type.Static<typeof ProbeTaskPatch>;

/** `GET /native/fleet/probe-tasks`. */
export interface ProbeTaskView extends ProbeTaskBody {
  readonly id: number;
}
