/**
 * The calls with one request and one answer, which are the same on both transports (PasarGuard node 2.2 and 2.3).
 * Bytes in, bytes out: the transports know neither messages nor the domain.
 */
import * as messages from "../../protocol/pasarguard/messages.ts";
import { PASARGUARD_NODE_VERSION } from "../../protocol/pasarguard/version.ts";
import type { MessageType } from "../../protocol/protobuf/message.ts";
import type { Proxy, ProxyInfo } from "../../proxy/proxy.ts";

export interface Answer {
  readonly bytes: Uint8Array;
  /** To be called when the answer did not reach the client. */
  readonly takeBack?: () => void;
}

export interface CallContext {
  readonly proxy: Proxy;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export interface UnaryCall {
  /** Of the gRPC method. */
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT";
  readonly paths: readonly string[];
  /** Whether a running core is demanded before anything else is looked at. */
  readonly needsCore: boolean;
  readonly run: (body: Uint8Array, context: CallContext) => Promise<Answer>;
}

interface CallShape<Request, Response> {
  readonly request: MessageType<Request>;
  readonly response: MessageType<Response>;
  readonly handle: (request: Request, context: CallContext) => Promise<Partial<Response>>;
}

function answer<Request, Response>({
  request,
  response,
  handle,
}: CallShape<Request, Response>): UnaryCall["run"] {
  return async (body, context) => ({
    bytes: response.encode(await handle(request.decode(body), context)),
  });
}

function baseInfo({ started, coreVersion }: ProxyInfo): messages.BaseInfoResponse {
  return { started, coreVersion, nodeVersion: PASARGUARD_NODE_VERSION };
}

const start: UnaryCall = {
  name: "Start",
  method: "POST",
  paths: ["/start"],
  needsCore: false,
  run: answer({
    request: messages.Backend,
    response: messages.BaseInfoResponse,
    handle: async (request, { proxy, signal }) => baseInfo(await proxy.start(request, signal)),
  }),
};

const stop: UnaryCall = {
  name: "Stop",
  method: "PUT",
  paths: ["/stop"],
  needsCore: true,
  run: answer({
    request: messages.Empty,
    response: messages.Empty,
    handle: async (_request, { proxy }) => {
      await proxy.stop();
      return {};
    },
  }),
};

const getBaseInfo: UnaryCall = {
  name: "GetBaseInfo",
  method: "GET",
  paths: ["/info"],
  needsCore: false,
  run: answer({
    request: messages.Empty,
    response: messages.BaseInfoResponse,
    handle: (_request, { proxy }) => Promise.resolve(baseInfo(proxy.info())),
  }),
};

const getStats: UnaryCall = {
  name: "GetStats",
  method: "GET",
  paths: ["/stats", "/stats/"],
  needsCore: true,
  run: async (body, { proxy }) => {
    const report = await proxy.stats(messages.StatRequest.decode(body));
    return {
      bytes: messages.StatResponse.encode({ stats: report.stats }),
      takeBack: () => {
        report.takeBack();
      },
    };
  },
};

const getBackendStats: UnaryCall = {
  name: "GetBackendStats",
  method: "GET",
  paths: ["/stats/backend"],
  needsCore: true,
  run: answer({
    request: messages.Empty,
    response: messages.BackendStatsResponse,
    handle: (_request, { proxy }) => proxy.backendStats(),
  }),
};

const getSystemStats: UnaryCall = {
  name: "GetSystemStats",
  method: "GET",
  paths: ["/stats/system"],
  needsCore: true,
  run: answer({
    request: messages.Empty,
    response: messages.SystemStatsResponse,
    handle: (_request, { proxy }) => proxy.systemStats(),
  }),
};

const getUserOnlineStats: UnaryCall = {
  name: "GetUserOnlineStats",
  method: "GET",
  paths: ["/stats/user/online"],
  needsCore: true,
  run: answer({
    request: messages.StatRequest,
    response: messages.OnlineStatResponse,
    handle: async ({ name }, { proxy }) => ({ name, value: await proxy.onlineCount(name) }),
  }),
};

const getUserOnlineIpListStats: UnaryCall = {
  name: "GetUserOnlineIpListStats",
  method: "GET",
  paths: ["/stats/user/online_ip"],
  needsCore: true,
  run: answer({
    request: messages.StatRequest,
    response: messages.StatsOnlineIpListResponse,
    handle: async ({ name }, { proxy }) => ({ name, ips: await proxy.onlineAddresses(name) }),
  }),
};

const LATENCY_SOURCE = "xray-observatory";

async function latencies(proxy: Proxy, name: string): Promise<readonly messages.Latency[]> {
  const outbounds = await proxy.latencies(name);
  return (outbounds ?? []).map(({ name, link, alive, delayMs, lastSeenAt, lastTryAt }) => ({
    name,
    link,
    alive,
    delay: BigInt(Math.round(delayMs)),
    lastSeenTime: BigInt(Math.round(lastSeenAt)),
    lastTryTime: BigInt(Math.round(lastTryAt)),
    source: LATENCY_SOURCE,
  }));
}

/** Over gRPC there are simply no latencies while there is no core; over REST the general rule applies. */
const getOutboundsLatency: UnaryCall = {
  name: "GetOutboundsLatency",
  method: "GET",
  paths: ["/stats/latency"],
  needsCore: false,
  run: answer({
    request: messages.LatencyRequest,
    response: messages.LatencyResponse,
    handle: async ({ name }, { proxy }) => ({ latencies: await latencies(proxy, name) }),
  }),
};

const syncUsers: UnaryCall = {
  name: "SyncUsers",
  method: "PUT",
  paths: ["/users/sync"],
  needsCore: true,
  run: answer({
    request: messages.Users,
    response: messages.Empty,
    handle: async ({ users }, { proxy }) => {
      await proxy.replaceUsers(users);
      return {};
    },
  }),
};

export const UNARY_CALLS: readonly UnaryCall[] = [
  start,
  stop,
  getBaseInfo,
  getStats,
  getBackendStats,
  getSystemStats,
  getUserOnlineStats,
  getUserOnlineIpListStats,
  getOutboundsLatency,
  syncUsers,
];
