import Type from "typebox";
import type { FleetNode } from "./live.ts";

const Text = (maxLength: number) => Type.String({ maxLength });
const Open = { additionalProperties: false } as const;

/** What admins write down about a node; every member may be left out. */
export const NodeNotesBody = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    group: Type.Optional(Text(256)),
    tags: Type.Optional(Type.Array(Text(256), { maxItems: 64 })),
    isHidden: Type.Optional(Type.Boolean()),
    weight: Type.Optional(Type.Integer()),
    remark: Type.Optional(Text(8192)),
    publicRemark: Type.Optional(Text(8192)),
    region: Type.Optional(Text(256)),
    price: Type.Optional(Type.Number({ minimum: -1 })),
    currency: Type.Optional(Text(256)),
    billingCycleDays: Type.Optional(Type.Integer({ minimum: -1 })),
    isAutoRenewal: Type.Optional(Type.Boolean()),
    /** Epoch milliseconds; null takes it away. */
    expiresAt: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    trafficLimitBytes: Type.Optional(Type.Number({ minimum: 0 })),
    trafficLimitType: Type.Optional(Type.Enum(["sum", "max", "min", "up", "down"])),
  },
  Open,
);
export type NodeNotesBody = Type.Static<typeof NodeNotesBody>;

/** What admins allow on a node; all is off until somebody switches it on. */
export const NodePermissionsBody = Type.Object(
  { command: Type.Optional(Type.Boolean()), terminal: Type.Optional(Type.Boolean()) },
  Open,
);
export type NodePermissionsBody = Type.Static<typeof NodePermissionsBody>;

export interface NodePermissionsView {
  readonly command: boolean;
  readonly terminal: boolean;
}

/** `GET /native/fleet/permissions`: one for each node on which anything is allowed. */
export interface AllowedNodeView extends NodePermissionsView {
  /** `FleetNode.id`. */
  readonly node: number;
}

/** `GET /native/fleet/nodes/{uuid}`: everything known about one node. */
export interface NodeDetail {
  readonly node: FleetNode;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly facts: {
    readonly os: string;
    readonly platform: string;
    readonly platformVersion: string;
    readonly kernel: string;
    readonly arch: string;
    readonly virtualization: string;
    readonly cpus: readonly string[];
    readonly logicalCores: number;
    readonly physicalCores: number;
    readonly gpus: readonly string[];
    readonly bootTimeSeconds: number;
    readonly agentVersion: string;
  };
  readonly temperatures: readonly { readonly name: string; readonly celsius: number }[];
  readonly gpus: readonly {
    readonly name: string;
    readonly utilizationPercent: number;
    readonly memoryTotalBytes: number;
    readonly memoryUsedBytes: number;
    readonly celsius: number;
  }[];
  /** Problems that the agent had, for people. */
  readonly message: string;
  /** Null for guests. */
  readonly private: NodePrivate | null;
}

/** What only people who are signed in may know. */
export interface NodePrivate {
  readonly remark: string;
  readonly isAutoRenewal: boolean;
  readonly ipv4: string;
  readonly ipv6: string;
  /** Where it connects from. */
  readonly remoteAddress: string;
  readonly permissions: NodePermissionsView;
}

/** How to make an agent report to this hub as this node; each is a command for a shell. */
export interface InstallHint {
  readonly agent: "farhand" | "komari" | "nezha";
  readonly title: string;
  readonly command: string;
  /** The command tells the agent not to check the hub's certificate: it is self-signed, and would be refused. */
  readonly acceptsAnyCertificate: boolean;
}

/** `POST /native/fleet/nodes` and `POST .../{uuid}/token`: the only moment at which the token is told. */
export interface IssuedNodeView {
  readonly node: FleetNode;
  readonly token: string;
  readonly install: readonly InstallHint[];
}
