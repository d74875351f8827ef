// The gRPC service (Nezha facts 1.1, 1.5, 1.8): the same paths in every generation, with different shapes behind them.

/**
 * `v0`: dashboards up to v0.20; unary reports, tasks as a server stream, one secret a server.
 * `v1`: dashboards from v1.0 on, v2 included; state and tasks as streams, one secret a user, the agent names itself.
 */
export type NezhaGeneration = "v0" | "v1";

const SERVICE = "/proto.NezhaService/";

/** Paths of the calls. */
export const METHOD = {
  /** Host -> Receipt. All generations. */
  reportHost: `${SERVICE}ReportSystemInfo`,
  /** Host -> Uint64Receipt. v1.1.1 and later. */
  reportHost2: `${SERVICE}ReportSystemInfo2`,
  /** State -> Receipt: unary in v0, both ways a stream from v1 on. */
  reportState: `${SERVICE}ReportSystemState`,
  /** Host -> stream of Task up to v1.0.20; stream of TaskResult <-> stream of Task later. */
  requestTask: `${SERVICE}RequestTask`,
  /** TaskResult -> Receipt. Up to v1.0.20. */
  reportTask: `${SERVICE}ReportTask`,
  /** IOStreamData both ways. v0.17.10 and later. */
  ioStream: `${SERVICE}IOStream`,
  /** GeoIP -> GeoIP with the numbers of v0. v0.18.3 to v0.20. */
  lookupGeoIp: `${SERVICE}LookupGeoIP`,
  /** GeoIP -> GeoIP with the numbers of v1. v1.0 and later. */
  reportGeoIp: `${SERVICE}ReportGeoIP`,
} as const;

export const TASK_TYPE = {
  httpGet: 1,
  icmpPing: 2,
  tcpPing: 3,
  command: 4,
  upgrade: 6,
  keepalive: 7,
  terminal: 8,
  nat: 9,
  reportHostInfo: 10,
  fileManager: 11,
  reportConfig: 12,
  applyConfig: 13,
  serverTransfer: 14,
  exec: 15,
  fsList: 16,
  fsRead: 17,
  fsWrite: 18,
  fsDelete: 19,
  fsTransfer: 20,
} as const;

/** Who reports: every call carries it as metadata. */
export interface NezhaCredentials {
  readonly secret: string;
  /** Lower case with hyphens; v1 and later only. */
  readonly uuid: string;
}

/** Dashboards before v2.2.0 read the names with an underscore, later ones prefer those with a hyphen: both are sent. */
export function credentialMetadata(
  generation: NezhaGeneration,
  { secret, uuid }: NezhaCredentials,
): Readonly<Record<string, string>> {
  if (generation === "v0") return { client_secret: secret };
  return {
    "client-secret": secret,
    "client-uuid": uuid,
    client_secret: secret,
    client_uuid: uuid,
  };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a dashboard accepts it. It is matched exactly, so keep it in lower case. */
export function isNezhaUuid(text: string): boolean {
  return UUID.test(text);
}
