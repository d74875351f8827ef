import { randomUUID } from "node:crypto";
import { answerPing } from "../agent/komari/ping.ts";
import type { Sample } from "../agent/sample.ts";
import type { Probes } from "../agent/tasks.ts";
import { STOPPED } from "../agent/uplink.ts";
import type { Facts, Uplink, UplinkState } from "../agent/uplink.ts";
import { isAborted } from "../core/abort.ts";
import { createBackoff } from "../core/backoff.ts";
import { sleep } from "../core/clock.ts";
import type { Clock } from "../core/clock.ts";
import { CancelledError, describeError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import { createStore } from "../core/store.ts";
import type { Store } from "../core/store.ts";
import type { Hub } from "../hub/hub.ts";
import type { AgentLink, AgentSession, AgentTask, PingRequest } from "../hub/ingest.ts";
import type { NodeRecord } from "../hub/registry.ts";
import type { FileStore } from "../platform/files/port.ts";
import type { KvmCondition } from "../protocol/fleet/live.ts";
import { nodeFactsOf, nodeReportOf } from "./own-figures.ts";

export interface OwnNodeOptions {
  readonly hub: Hub;
  readonly facts: Facts;
  /** What the KVM says about itself. */
  readonly health: Store<string>;
  /** The computer behind this machine; undefined where it is no KVM. */
  readonly kvm?: Store<KvmCondition | undefined> | undefined;
  readonly probes: Probes;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly version: string;
  readonly log: Logger;
}

const ADDRESS = "127.0.0.1";
/** On the same server. */
const CONSOLE = "/console";
const PAUSES_MS = [1000, 5000, 15_000, 60_000];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** This machine as a node of the hub in the same process: no socket, no token, the same doors as everybody. */
export class OwnNode implements Uplink {
  readonly name = "own hub";
  readonly state = createStore<UplinkState>(STOPPED);
  readonly #options: OwnNodeOptions;

  constructor(options: OwnNodeOptions) {
    this.#options = options;
  }

  /** Tries until there is a node: a full disk, or a full fleet, does not stay so. */
  async run(samples: Store<Sample>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const pauses = createBackoff({ stepsMs: PAUSES_MS, jitter: 0.2 });
    this.state.set({ ...STOPPED, phase: "connecting" });
    while (!isAborted(signal)) {
      try {
        const node = await this.#node();
        if (!isAborted(signal)) await this.#report(node, samples, signal);
        return;
      } catch (error) {
        this.#failed(describeError(error));
        await sleep(clock, pauses.next(), signal).catch(() => undefined);
      }
    }
    this.state.set(STOPPED);
  }

  #failed(problem: string): void {
    const isNews = problem !== this.state.value.problem;
    if (isNews) this.#options.log.error({ problem }, "This machine is no node of its own hub yet");
    this.state.set({ ...STOPPED, phase: "waiting", problem });
  }

  /** The node of this machine, made when there is none. Who it is stays in a file: names of hosts change. */
  async #node(): Promise<NodeRecord> {
    const { hub, files, dataDir, facts } = this.#options;
    const file = `${dataDir}/hub/own-node`;
    const text = ((await files.read(file)) ?? "").trim();
    const known = UUID.test(text) ? text : undefined;
    const found = known === undefined ? undefined : hub.registry.byUuid(known);
    if (found !== undefined) return found;
    const uuid = known ?? randomUUID();
    if (known === undefined) await files.writeAtomic(file, `${uuid}\n`, { mode: 0o600 });
    const notes = { name: facts.value.hostName };
    return (await hub.registry.add({ uuid, notes })).node;
  }

  /** Until aborted, or until an admin removes the node. */
  #report(node: NodeRecord, samples: Store<Sample>, signal: AbortSignal): Promise<void> {
    const { hub, facts, health, kvm, version } = this.#options;
    return new Promise((resolve) => {
      const ending = new AbortController();
      const link: AgentLink = {
        send: (task) => this.#take(session, task, ending.signal),
        ask: () => {
          session.sign();
        },
        close: (reason) => {
          end({ ...STOPPED, problem: reason });
        },
      };
      const identity = { node: node.id, dialect: "own", remoteAddress: ADDRESS };
      const session = hub.ingest.attach(identity, link);
      const tell = (): void => {
        session.facts(nodeFactsOf(facts.value, samples.value, version));
      };
      const report = (sample: Sample): void => {
        session.report(nodeReportOf(sample, health.value));
      };
      const show = (): void => {
        session.kvm(kvm?.value && { ...kvm.value, consoleUrl: CONSOLE });
      };
      const stops = [samples.subscribe(report), facts.subscribe(tell), kvm?.subscribe(show)];
      const end = (state: UplinkState): void => {
        for (const stop of stops.splice(0)) stop?.();
        ending.abort();
        this.state.set(state);
        resolve();
      };
      const onAbort = (): void => {
        session.close();
        end(STOPPED);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.state.set({ phase: "online", dialect: "own", transport: "memory", problem: null });
      tell();
      show();
      report(samples.value);
    });
  }

  #take(session: AgentSession, task: AgentTask, signal: AbortSignal): boolean {
    if (task.kind !== "ping") return false;
    void this.#ping(session, task, signal);
    return true;
  }

  async #ping(session: AgentSession, task: PingRequest, signal: AbortSignal): Promise<void> {
    const { probes, log } = this.#options;
    const command = {
      kind: "ping",
      taskId: task.task,
      pingType: task.type,
      target: task.target,
    } as const;
    try {
      const elapsed = await answerPing(probes, command, signal);
      session.ping({ task: task.task, elapsedMs: elapsed < 0 ? undefined : elapsed });
    } catch (error) {
      if (!(error instanceof CancelledError) && !signal.aborted) {
        log.warn({ err: error }, "A ping task could not be answered");
      }
    }
  }
}
