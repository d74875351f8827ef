import Type from "typebox";
import { ALERT_METRICS, KVM_ALERTS, SEVERITIES } from "./alert-words.ts";
import type { Severity } from "./alert-words.ts";

export type { AlertMetric, KvmAlert, Severity } from "./alert-words.ts";

const Closed = { additionalProperties: false } as const;

const AfterSeconds = Type.Integer({ minimum: 0, maximum: 604_800 });
const Window = Type.Integer({ minimum: 10, maximum: 86_400 });

export const AlertCondition = Type.Union([
  /** Not there for so long. */
  Type.Object(
    {
      kind: Type.Literal("offline"),
      afterSeconds: AfterSeconds,
    },
    Closed,
  ),
  /** At least `sharePercent` of the last `windowSeconds` at or above `threshold`. */
  Type.Object(
    {
      kind: Type.Literal("load"),
      metric: Type.Enum(ALERT_METRICS),
      threshold: Type.Number({ minimum: 0 }),
      windowSeconds: Window,
      sharePercent: Type.Integer({ minimum: 1, maximum: 100 }),
    },
    Closed,
  ),
  /** So much of the node's own traffic limit is used in the running month; silent for nodes without one. */
  Type.Object(
    { kind: Type.Literal("traffic"), percent: Type.Number({ minimum: 1, maximum: 1000 }) },
    Closed,
  ),
  /** Expires within so many days, or has expired; silent for nodes without a date. */
  Type.Object(
    { kind: Type.Literal("expiry"), days: Type.Integer({ minimum: 0, maximum: 365 }) },
    Closed,
  ),
  /** Lost pings in percent, or their mean time in milliseconds, within the last `windowSeconds`. */
  Type.Object(
    {
      kind: Type.Literal("ping"),
      task: Type.Integer({ minimum: 1 }),
      measure: Type.Enum(["loss", "latency"]),
      threshold: Type.Number({ minimum: 0 }),
      windowSeconds: Type.Integer({ minimum: 60, maximum: 86_400 }),
    },
    Closed,
  ),
  /** What a KVM says of its computer or of itself, for so long; silent for nodes that are none, and while they are away. */
  Type.Object(
    { kind: Type.Literal("kvm"), alert: Type.Enum(KVM_ALERTS), afterSeconds: AfterSeconds },
    Closed,
  ),
]);
export type AlertCondition = Type.Static<typeof AlertCondition>;

/** Which nodes. `only`: those that are listed, or in a listed group, or have a listed tag; nothing listed means none. */
export const AlertScope = Type.Object(
  {
    cover: Type.Enum(["all", "only", "except"]),
    nodes: Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 10_000, default: [] }),
    groups: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 256, default: [] }),
    tags: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 256, default: [] }),
  },
  Closed,
);
export type AlertScope = Type.Static<typeof AlertScope>;

const RULE = {
  name: Type.String({ minLength: 1, maxLength: 128 }),
  isEnabled: Type.Boolean({ default: true }),
  severity: Type.Enum(SEVERITIES, { default: "warning" }),
  scope: AlertScope,
  condition: AlertCondition,
  /** Ids of channels; empty = all. */
  channels: Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 64, default: [] }),
  /** Told again after so many hours while it lasts; 0 = never. */
  reminderHours: Type.Integer({ minimum: 0, maximum: 168, default: 0 }),
  /** Also when it is over. */
  tellsRecovery: Type.Boolean({ default: true }),
};

export const AlertRuleBody = Type.Object(RULE, Closed);
export type AlertRuleBody = Type.Static<typeof AlertRuleBody>;

/** `GET /native/fleet/alert-rules`. */
export interface AlertRule extends AlertRuleBody {
  readonly id: number;
}

/** `GET /native/fleet/alerts`: what is raised now. */
export interface ActiveAlert {
  readonly rule: number;
  readonly ruleName: string;
  readonly severity: Severity;
  /** `FleetNode.id`. */
  readonly node: number;
  /** Epoch milliseconds. */
  readonly since: number;
  /** The figure when it was raised; null where the condition has none. */
  readonly value: number | null;
  /** The node changes to and fro so often that single changes are not told. */
  readonly isFlapping: boolean;
}

/** `POST /native/fleet/alert-rules/preview`: what a rule would have raised. */
export const AlertPreviewBody = Type.Object(
  {
    rule: AlertRuleBody,
    /** So many hours back from now. */
    hours: Type.Integer({ minimum: 1, maximum: 720, default: 24 }),
  },
  Closed,
);
export type AlertPreviewBody = Type.Static<typeof AlertPreviewBody>;

export interface AlertPreview {
  readonly from: number;
  readonly to: number;
  /**
   * Coarsest figures that were looked at, milliseconds; short peaks are not visible in coarse ones. 0: no history was
   * looked at, because there is none of what the rule watches (`kvm`), or it is not needed (`expiry`).
   */
  readonly stepMs: number;
  /** Nodes that the rule covers, and how many of them were looked at. */
  readonly covered: number;
  readonly examined: number;
  /** Nodes with at least one spell, those with the longest first. */
  readonly nodes: readonly AlertPreviewNode[];
}

export interface AlertPreviewNode {
  readonly node: number;
  /** Start and end; the end is null for one that would be raised now. */
  readonly spells: readonly { readonly from: number; readonly to: number | null }[];
}
