import { ValidationError } from "../../core/errors.ts";
import type { NezhaCodec } from "../../protocol/nezha/codec.ts";
import { EMPTY_GEO_IP, NO_ADDRESSES } from "../../protocol/nezha/messages.ts";
import type { NezhaHost, NezhaState } from "../../protocol/nezha/messages.ts";
import { EMPTY_TASK_RESULT } from "../../protocol/nezha/messages.ts";
import { bootReceiptCodec, taskResultCodec } from "../../protocol/nezha/shared.ts";
import { METHOD, TASK_TYPE, credentialMetadata } from "../../protocol/nezha/service.ts";
import type { NezhaCredentials, NezhaGeneration } from "../../protocol/nezha/service.ts";
import { hostCodecV0, stateCodecV0 } from "../../protocol/nezha/v0.ts";
import { geoIpCodecV1, hostCodecV1, stateCodecV1 } from "../../protocol/nezha/v1.ts";
import { GRPC_STATUS, GrpcStatusError } from "../../platform/net/grpc/port.ts";
import type { GrpcChannel, GrpcMetadata } from "../../platform/net/grpc/port.ts";

/** How one dashboard wants to be spoken to (Nezha facts 1.1). */
export interface NezhaDialect {
  readonly generation: NezhaGeneration;
  readonly metadata: GrpcMetadata;
  readonly hostCodec: NezhaCodec<NezhaHost>;
  readonly stateCodec: NezhaCodec<NezhaState>;
  readonly hostMethod: string;
  /** A call for each state, or one stream of states with a receipt for each. */
  readonly states: "unary" | "stream";
  /** Results by a call each while tasks come as an answer to the host, or both on one stream. */
  readonly results: "unary" | "stream";
}

/** A dialect, and what finding it out has told already. */
export interface NezhaGreeting {
  readonly dialect: NezhaDialect;
  /** When the dashboard started, in Unix seconds, if it has taken the description of the machine already. */
  readonly bootTime: number | undefined;
}

const CALL_TIMEOUT_MS = 10_000;

function dialectV0(credentials: NezhaCredentials): NezhaDialect {
  return {
    generation: "v0",
    metadata: credentialMetadata("v0", credentials),
    hostCodec: hostCodecV0,
    stateCodec: stateCodecV0,
    hostMethod: METHOD.reportHost,
    states: "unary",
    results: "unary",
  };
}

function dialectV1(
  credentials: NezhaCredentials,
  hostMethod: string,
  results: "unary" | "stream",
): NezhaDialect {
  return {
    generation: "v1",
    metadata: credentialMetadata("v1", credentials),
    hostCodec: hostCodecV1,
    stateCodec: stateCodecV1,
    hostMethod,
    states: "stream",
    results,
  };
}

async function isOffered(
  channel: GrpcChannel,
  path: string,
  message: Uint8Array,
  metadata: GrpcMetadata,
): Promise<boolean> {
  try {
    await channel.unary(path, message, { metadata, timeoutMs: CALL_TIMEOUT_MS });
    return true;
  } catch (error) {
    if (!(error instanceof GrpcStatusError)) throw error;
    if (error.status === GRPC_STATUS.unimplemented) return false;
    // A refusal, or trouble with an empty report, still means that the call is there.
    if (error.status === GRPC_STATUS.unauthenticated || error.status === GRPC_STATUS.unknown)
      return true;
    throw error;
  }
}

/** v1.0.0 to v1.1.0: without the receipt that tells the dashboard's start; up to v1.0.20 with results as calls. */
async function earlyV1(channel: GrpcChannel, credentials: NezhaCredentials): Promise<NezhaDialect> {
  const metadata = credentialMetadata("v1", credentials);
  const sign = taskResultCodec.encode({ ...EMPTY_TASK_RESULT, type: TASK_TYPE.keepalive });
  const hasResultCalls = await isOffered(channel, METHOD.reportTask, sign, metadata);
  return dialectV1(credentials, METHOD.reportHost, hasResultCalls ? "unary" : "stream");
}

/**
 * Finds out which generation answers. No report of one generation is ever sent to another, which would accept it and
 * show wrong figures: only calls that the other does not have are tried. Rejects with `GrpcStatusError`, with status
 * `unimplemented` when the other side is no Nezha dashboard.
 */
async function detect(
  channel: GrpcChannel,
  credentials: NezhaCredentials,
  host: NezhaHost,
  only: "auto" | "v1",
): Promise<NezhaGreeting> {
  const current = dialectV1(credentials, METHOD.reportHost2, "stream");
  const encoded = current.hostCodec.encode(host);
  try {
    const answer = await channel.unary(METHOD.reportHost2, encoded, {
      metadata: current.metadata,
      timeoutMs: CALL_TIMEOUT_MS,
    });
    return { dialect: current, bootTime: bootReceiptCodec.decode(answer).data };
  } catch (error) {
    if (!(error instanceof GrpcStatusError) || error.status !== GRPC_STATUS.unimplemented)
      throw error;
  }
  const empty = geoIpCodecV1.encode({ ...EMPTY_GEO_IP, ip: NO_ADDRESSES });
  const isV1 = await isOffered(channel, METHOD.reportGeoIp, empty, current.metadata);
  if (!isV1 && only === "v1") {
    throw new ValidationError("This is no dashboard of v1 or later: should 'generation' be v0?");
  }
  const dialect = isV1 ? await earlyV1(channel, credentials) : dialectV0(credentials);
  return { dialect, bootTime: undefined };
}

export interface DialectQuestion {
  readonly channel: GrpcChannel;
  readonly credentials: NezhaCredentials;
  readonly generation: NezhaGeneration | "auto";
  readonly host: NezhaHost;
}

/** The dialect of the dashboard at the other end: as configured, or as found out. */
export function greetDashboard(question: DialectQuestion): Promise<NezhaGreeting> {
  const { channel, credentials, generation, host } = question;
  return generation === "v0"
    ? Promise.resolve({ dialect: dialectV0(credentials), bootTime: undefined })
    : detect(channel, credentials, host, generation);
}
