import type { CoreFamily } from "../../../src/protocol/xray/dialect.ts";
import {
  AddUserOperation,
  AlterInboundRequest,
  GetStatsRequest,
  GetStatsResponse,
  OnlineIpListResponse,
  QueryStatsRequest,
  QueryStatsResponse,
  RemoveUserOperation,
  SysStatsResponse,
} from "../../../src/protocol/xray/messages.ts";
import type { TypedMessage } from "../../../src/protocol/xray/messages.ts";

/** A refusal, as a gRPC status. */
export class CoreRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What an inbound of protocol `fake` in the configuration makes this core do. */
interface FakeSettings {
  readonly startDelayMs?: number;
  /** Printed instead of starting. */
  readonly failWith?: string;
  readonly counters?: Readonly<Record<string, number>>;
  /** By email: addresses with the second they were last seen. */
  readonly online?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface InboundJson {
  readonly tag: string;
  readonly port?: number;
  readonly protocol: string;
  readonly settings: { readonly clients?: readonly { readonly email: string }[] } & FakeSettings;
}

interface ConfigJson {
  readonly inbounds: readonly InboundJson[];
}

const UNKNOWN = 2;
const NOT_FOUND = 5;
const UNIMPLEMENTED = 12;
const STATS_OF_TWO_PARTS = 3;

/** Users of one inbound, as a core keeps them: names without regard to case. */
class FakeInbound {
  readonly json: InboundJson;
  /** Type of the account, or `start` for those of the configuration. */
  readonly users = new Map<string, string>();
  readonly #isManager: boolean;

  constructor(json: InboundJson) {
    this.json = json;
    const clients = json.settings.clients ?? [];
    for (const { email } of clients) this.users.set(email.toLowerCase(), "start");
    const is2022 = "method" in json.settings && String(json.settings.method).startsWith("2022-");
    this.#isManager = !is2022 || clients.length > 0;
  }

  add(email: string, account: string): void {
    this.#demandManager();
    const name = email.toLowerCase();
    if (this.users.has(name) && this.json.protocol !== "shadowsocks") {
      throw new CoreRefusal(UNKNOWN, `proxy: User ${email} already exists.`);
    }
    this.users.set(name, account);
  }

  remove(email: string): void {
    this.#demandManager();
    if (!this.users.delete(email.toLowerCase())) {
      throw new CoreRefusal(UNKNOWN, `proxy: User ${email} not found.`);
    }
  }

  #demandManager(): void {
    if (!this.#isManager) throw new CoreRefusal(UNKNOWN, "proxy is not a UserManager");
  }
}

/**
 * What a proxy core knows and answers, without process or network. Users named `crash`, `hang` and `refuse` make it
 * do so when they are added.
 */
export class FakeCore {
  readonly inbounds: ReadonlyMap<string, FakeInbound>;
  readonly counters = new Map<string, bigint>();
  readonly online = new Map<string, ReadonlyMap<string, bigint>>();
  readonly apiPort: number;
  readonly settings: FakeSettings;
  /** Calls so far, by method. */
  readonly calls = new Map<string, number>();
  /** Account bytes of the latest vless user, as text. */
  lastValue = "";
  isHanging = false;
  hasCrashed = false;
  readonly #family: CoreFamily;

  constructor(config: string, family: CoreFamily = "xray") {
    const { inbounds }: ConfigJson = JSON.parse(config);
    this.#family = family;
    this.inbounds = new Map(inbounds.map((json) => [json.tag, new FakeInbound(json)]));
    this.apiPort = inbounds.find(({ tag }) => tag === "API_INBOUND")?.port ?? 0;
    this.settings = inbounds.find(({ protocol }) => protocol === "fake")?.settings ?? {};
    const { counters = {}, online = {} } = this.settings;
    for (const [name, value] of Object.entries(counters)) this.counters.set(name, BigInt(value));
    for (const [email, addresses] of Object.entries(online)) {
      const entries = Object.entries(addresses).map(([ip, at]) => [ip, BigInt(at)] as const);
      this.online.set(`user>>>${email}>>>online`, new Map(entries));
    }
  }

  /** Present users of an inbound, in alphabetical order. */
  usersOf(tag: string): readonly string[] {
    return [...(this.inbounds.get(tag)?.users.keys() ?? [])].sort();
  }

  accountOf(tag: string, email: string): string | undefined {
    return this.inbounds.get(tag)?.users.get(email.toLowerCase());
  }

  /** The answer to a call; throws `CoreRefusal`. */
  handle(path: string, request: Uint8Array): Uint8Array {
    const [, service = "", method = ""] = path.split("/");
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1);
    const prefix = this.#family === "xray" ? "xray.app." : "v2ray.core.app.";
    if (!service.startsWith(prefix)) {
      throw new CoreRefusal(UNIMPLEMENTED, `unknown service ${service}`);
    }
    switch (method) {
      case "AlterInbound":
        return this.#alter(request);
      case "GetSysStats":
        return SysStatsResponse.encode({ numGoroutine: 7, alloc: 1_000_000n, uptime: 5 });
      case "QueryStats":
        return this.#query(request);
      case "GetStatsOnline":
      case "GetStatsOnlineIpList":
        return this.#onlineOf(method, request);
      default:
        throw new CoreRefusal(UNIMPLEMENTED, `unknown method ${method} for service ${service}`);
    }
  }

  #alter(request: Uint8Array): Uint8Array {
    const { tag, operation } = AlterInboundRequest.decode(request);
    const inbound = this.inbounds.get(tag);
    if (inbound === undefined) {
      throw new CoreRefusal(UNKNOWN, `failed to get handler: ${tag} > not found`);
    }
    if (operation?.type.endsWith(".AddUserOperation")) this.#add(inbound, operation);
    else inbound.remove(RemoveUserOperation.decode(operation?.value ?? new Uint8Array()).email);
    return new Uint8Array(0);
  }

  #add(inbound: FakeInbound, operation: TypedMessage): void {
    const { user } = AddUserOperation.decode(operation.value);
    const email = user?.email ?? "";
    if (email === "refuse") throw new CoreRefusal(UNKNOWN, "failed to parse user");
    this.isHanging ||= email === "hang";
    this.hasCrashed ||= email === "crash";
    const account = user?.account;
    if (account?.type.includes(".vless.")) this.lastValue = new TextDecoder().decode(account.value);
    inbound.add(email, account?.type ?? "");
  }

  #query(request: Uint8Array): Uint8Array {
    const { pattern, reset } = QueryStatsRequest.decode(request);
    const found = [...this.counters].filter(([name]) => name.includes(pattern));
    if (reset) for (const [name] of found) this.counters.set(name, 0n);
    return QueryStatsResponse.encode({ stat: found.map(([name, value]) => ({ name, value })) });
  }

  #onlineOf(method: string, request: Uint8Array): Uint8Array {
    if (this.#family === "v2ray") throw new CoreRefusal(UNIMPLEMENTED, `unknown method ${method}`);
    const { name } = GetStatsRequest.decode(request);
    const addresses = this.online.get(name);
    if (addresses === undefined || name.split(">>>").length !== STATS_OF_TWO_PARTS) {
      throw new CoreRefusal(NOT_FOUND, `${name} not found.`);
    }
    return method === "GetStatsOnline"
      ? GetStatsResponse.encode({ stat: { name, value: BigInt(addresses.size) } })
      : OnlineIpListResponse.encode({ name, ips: addresses });
  }
}
