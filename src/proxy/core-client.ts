import { describeError } from "../core/errors.ts";
import { RpcError } from "../platform/loopback/port.ts";
import type { RpcClient } from "../platform/loopback/port.ts";
import { addUserRequest, corePath, removeUserRequest } from "../protocol/xray/dialect.ts";
import type { Account, CoreFamily } from "../protocol/xray/dialect.ts";
import {
  GetStatsRequest,
  GetStatsResponse,
  OnlineIpListResponse,
  QueryStatsRequest,
  QueryStatsResponse,
  SysStatsResponse,
} from "../protocol/xray/messages.ts";
import type { CoreStat, SysStats } from "../protocol/xray/messages.ts";
import { onlineName } from "../protocol/xray/stat-name.ts";
import { CoreCallError, UserUnseenError } from "./proxy-errors.ts";

const CALL_TIMEOUT_MS = 10_000;
/** A core with ten thousand users and a slow processor. */
const QUERY_TIMEOUT_MS = 25_000;
const NOT_FOUND = 5;

/** Go's way to print a gRPC error, which clients of the stock node see. */
const STATUS_NAMES: Readonly<Record<number, string>> = {
  2: "Unknown",
  4: "DeadlineExceeded",
  5: "NotFound",
  12: "Unimplemented",
  14: "Unavailable",
};

function coreError(error: unknown): CoreCallError {
  if (!(error instanceof RpcError)) {
    return new CoreCallError(2, describeError(error), { cause: error });
  }
  const { status, message } = error;
  const text = `rpc error: code = ${STATUS_NAMES[status] ?? `Code(${status})`} desc = ${message}`;
  return new CoreCallError(status, text, { cause: error });
}

/** Whether a removal failed because there was nobody to remove. */
function isAbsence(error: CoreCallError): boolean {
  return error.status === NOT_FOUND || error.message.endsWith("not found.");
}

/** The API of a running core (PasarGuard node 6.4). Calls reject with `CoreCallError`. */
export class CoreClient {
  readonly #rpc: RpcClient;
  readonly #family: CoreFamily;

  constructor(rpc: RpcClient, family: CoreFamily) {
    this.#rpc = rpc;
    this.#family = family;
  }

  close(): void {
    this.#rpc.close();
  }

  async addUser(tag: string, email: string, account: Account): Promise<void> {
    await this.#handler(addUserRequest(this.#family, tag, email, account));
  }

  /** Somebody who is not there is no failure. */
  async removeUser(tag: string, email: string): Promise<void> {
    try {
      await this.#handler(removeUserRequest(this.#family, tag, email));
    } catch (error) {
      if (!(error instanceof CoreCallError) || !isAbsence(error)) throw error;
    }
  }

  async sysStats(timeoutMs: number): Promise<SysStats> {
    const reply = await this.#stats("GetSysStats", new Uint8Array(0), timeoutMs);
    return SysStatsResponse.decode(reply);
  }

  /** Counters whose names contain the pattern; `reset` sets them to zero in the same moment. */
  async queryStats(pattern: string, reset: boolean): Promise<readonly CoreStat[]> {
    const request = QueryStatsRequest.encode({ pattern, reset });
    const reply = await this.#stats("QueryStats", request, QUERY_TIMEOUT_MS);
    return QueryStatsResponse.decode(reply).stat;
  }

  /** Number of addresses a user is connected from. Rejects with `UserUnseenError`. */
  async onlineCount(email: string): Promise<bigint> {
    const reply = await this.#online("GetStatsOnline", email);
    return GetStatsResponse.decode(reply).stat?.value ?? 0n;
  }

  /** Addresses with the Unix second they were last seen. Rejects with `UserUnseenError`. */
  async onlineAddresses(email: string): Promise<ReadonlyMap<string, bigint>> {
    return OnlineIpListResponse.decode(await this.#online("GetStatsOnlineIpList", email)).ips;
  }

  async #online(method: string, email: string): Promise<Uint8Array> {
    const request = GetStatsRequest.encode({ name: onlineName(email), reset: false });
    try {
      return await this.#stats(method, request, CALL_TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof CoreCallError) || !isAbsence(error)) throw error;
      throw new UserUnseenError(error.message, { cause: error });
    }
  }

  async #handler(request: Uint8Array): Promise<void> {
    const path = corePath(this.#family, "HandlerService", "AlterInbound");
    try {
      await this.#rpc.call(path, request, CALL_TIMEOUT_MS);
    } catch (error) {
      throw coreError(error);
    }
  }

  async #stats(method: string, request: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    try {
      return await this.#rpc.call(
        corePath(this.#family, "StatsService", method),
        request,
        timeoutMs,
      );
    } catch (error) {
      throw coreError(error);
    }
  }
}
