import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../../core/clock.ts";
import { describeError } from "../../../core/errors.ts";
import type { Logger } from "../../../core/log.ts";
import { RateLimiter } from "../../../http/auth/rate-limit.ts";
import { FleetFullError, NodeExistsError } from "../../../hub/registry.ts";
import type { NodeRecord, Registry } from "../../../hub/registry.ts";
import { isNezhaUuid } from "../../../protocol/nezha/service.ts";
import type { NezhaGeneration } from "../../../protocol/nezha/service.ts";
import { CallRefusal, STATUS } from "./refusal.ts";

/** What a call offers: its metadata by name, and where it comes from. */
export interface Credentials {
  readonly metadata: (name: string) => string | undefined;
  readonly address: string;
}

/** The node behind a call, as its credential proves. */
export interface Caller {
  readonly node: number;
  readonly generation: NezhaGeneration;
  readonly address: string;
}

export interface AgentGateOptions {
  readonly registry: Registry;
  /** `hub.nezha.secret`; empty: no agent makes itself known. */
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of every call without a secret that is right. */
  readonly onRefused: () => void;
}

/** A shared secret is chosen by people, so that guessing has to be slow. */
const THROTTLE = { freeAttempts: 5, maxWaitSeconds: 60 };
/** Nodes that may make themselves known: so many at once, then so many a second. */
const ARRIVALS = { burst: 200, perSecond: 10 };
/** Pairs of node and address that the shared secret has let in. */
const MAX_KNOWN = 20_000;
const MAX_SECRET = 256;

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/**
 * The one place that decides whose call it is, for every method. Who it is follows from the secret alone: a node's own
 * token, whatever uuid stands beside it, or the secret that all share together with the uuid of a node that has no
 * token of its own. So nobody who knows only the shared secret reports for a node that was given a token; whoever
 * knows it may report for any that was not, as on a stock dashboard.
 */
export class AgentGate {
  readonly #options: AgentGateOptions;
  readonly #secret: Buffer | undefined;
  readonly #limiter: RateLimiter;
  readonly #known = new Set<string>();
  readonly #arriving = new Map<string, Promise<NodeRecord>>();
  #arrivals: number = ARRIVALS.burst;
  #arrivalsMs = 0;

  constructor(options: AgentGateOptions) {
    this.#options = options;
    this.#secret = options.secret === "" ? undefined : digestOf(options.secret);
    this.#limiter = new RateLimiter(THROTTLE, options.clock);
  }

  /** Throws or rejects with `CallRefusal`. A promise only for a node that makes itself known by this call. */
  identify({ metadata, address }: Credentials): Caller | Promise<Caller> {
    const secret = this.#secretOf(metadata);
    const uuid = this.#uuidOf(metadata);
    const generation = uuid === undefined ? "v0" : "v1";
    const { registry } = this.#options;
    const owner = registry.authenticate(secret);
    if (owner !== undefined) return { node: owner.id, generation, address };
    const proven = this.#checkShared(secret, uuid, address);
    const node = registry.byUuid(proven);
    if (node !== undefined) return { node: this.#sharing(node).id, generation, address };
    return this.#arrive(proven).then(({ id }) => ({ node: id, generation, address }));
  }

  #secretOf(metadata: Credentials["metadata"]): string {
    const secret = (metadata("client-secret") ?? metadata("client_secret") ?? "").trim();
    return secret === "" || secret.length > MAX_SECRET
      ? this.#refuse("client secret missing")
      : secret;
  }

  /** Undefined for agents of v0, which have none. */
  #uuidOf(metadata: Credentials["metadata"]): string | undefined {
    const uuid = (metadata("client-uuid") ?? metadata("client_uuid"))?.trim().toLowerCase();
    return uuid === undefined || isNezhaUuid(uuid)
      ? uuid
      : this.#refuse("client uuid is not valid");
  }

  /** An address that offers wrong secrets waits; nodes that were let in from it before do not wait with it. */
  #checkShared(secret: string, uuid: string | undefined, address: string): string {
    const pair = `${uuid ?? ""} ${address}`;
    if (!this.#known.has(pair) && this.#limiter.addressWaitMs(address) > 0) {
      this.#refuse("too many wrong secrets from this address, try again later");
    }
    const isRight = this.#secret !== undefined && timingSafeEqual(digestOf(secret), this.#secret);
    if (uuid === undefined || !isRight) {
      this.#known.delete(pair);
      this.#limiter.failed(address, address);
      return this.#refuse("client authentication failed");
    }
    if (this.#known.size < MAX_KNOWN) this.#known.add(pair);
    return uuid;
  }

  #sharing(node: NodeRecord): NodeRecord {
    if (node.hasToken) this.#refuse("this node has a secret of its own");
    return node;
  }

  /** Calls that arrive together make one node. */
  #arrive(uuid: string): Promise<NodeRecord> {
    const running = this.#arriving.get(uuid);
    if (running !== undefined) return running;
    this.#takeArrival();
    const arrival = this.#add(uuid).finally(() => {
      this.#arriving.delete(uuid);
    });
    this.#arriving.set(uuid, arrival);
    return arrival;
  }

  async #add(uuid: string): Promise<NodeRecord> {
    const { registry, log } = this.#options;
    try {
      const { node } = await registry.add({ uuid, hasToken: false });
      log.info({ node: node.id, uuid }, "A Nezha agent made itself known");
      return node;
    } catch (error) {
      const node = error instanceof NodeExistsError ? registry.byUuid(uuid) : undefined;
      if (node !== undefined) return this.#sharing(node);
      const status =
        error instanceof FleetFullError ? STATUS.resourceExhausted : STATUS.unavailable;
      throw new CallRefusal(status, describeError(error));
    }
  }

  #takeArrival(): void {
    const now = this.#options.clock.monotonic();
    const filled = this.#arrivals + ((now - this.#arrivalsMs) / 1000) * ARRIVALS.perSecond;
    this.#arrivals = Math.min(ARRIVALS.burst, filled);
    this.#arrivalsMs = now;
    if (this.#arrivals < 1) {
      throw new CallRefusal(STATUS.resourceExhausted, "too many new agents at once");
    }
    this.#arrivals -= 1;
  }

  #refuse(message: string): never {
    this.#options.onRefused();
    throw new CallRefusal(STATUS.unauthenticated, message);
  }
}
