import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { KomariCommand, KomariEvent } from "../../protocol/komari/commands.ts";
import type { KomariPingResult } from "../../protocol/komari/rpc.ts";
import type { Control, Probes } from "../tasks.ts";
import { deliverResult, runCommand } from "./command-result.ts";
import { answerPing } from "./ping.ts";
import type { KomariServer } from "./server.ts";
import { serveTerminal } from "./terminal.ts";

/** Events are delivered until they are acknowledged: how many of them are remembered as done. */
const REMEMBERED_EVENTS = 512;
/** Tasks at once for one server; what comes on top is dropped. */
const MAX_RUNNING = 64;
/** A server that floods this machine does not flood its log as well. */
const TELL_DROPPED_EVERY_MS = 60_000;

export interface KomariTasksOptions {
  readonly server: KomariServer;
  readonly uplink: string;
  readonly probes: Probes;
  readonly control: Control;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Where results of pings go: the way on which the request came. */
export type SendPingResult = (result: KomariPingResult) => void | Promise<void>;

/** Does what a server asks for, as far as this device allows it. */
export class KomariTasks {
  readonly #options: KomariTasksOptions;
  readonly #done = new Set<string>();
  #running = 0;
  #dropped = 0;
  #toldDroppedAt = Number.NEGATIVE_INFINITY;

  constructor(options: KomariTasksOptions) {
    this.#options = options;
  }

  /** Starts the task; its failures are logged. */
  take(command: KomariCommand, send: SendPingResult, signal: AbortSignal): void {
    const { log } = this.#options;
    if (this.#running >= MAX_RUNNING) {
      this.#drop(command.kind);
      return;
    }
    this.#running += 1;
    void this.#run(command, send, signal)
      .catch((error: unknown) => {
        if (signal.aborted) return;
        log.warn({ kind: command.kind, reason: describeError(error) }, "task of the server failed");
      })
      .finally(() => {
        this.#running -= 1;
      });
  }

  /** Takes those that were not taken before; gives the identifiers to acknowledge. */
  takeEvents(
    events: readonly KomariEvent[],
    send: SendPingResult,
    signal: AbortSignal,
  ): readonly string[] {
    for (const { id, command } of events) {
      if (this.#done.has(id)) continue;
      this.#remember(id);
      if (command !== undefined) this.take(command, send, signal);
    }
    return events.map(({ id }) => id);
  }

  #drop(kind: KomariCommand["kind"]): void {
    const { log, clock } = this.#options;
    this.#dropped += 1;
    const now = clock.monotonic();
    if (now - this.#toldDroppedAt < TELL_DROPPED_EVERY_MS) return;
    this.#toldDroppedAt = now;
    log.warn({ kind, dropped: this.#dropped }, "too many tasks of the server, some are dropped");
    this.#dropped = 0;
  }

  #remember(id: string): void {
    this.#done.add(id);
    if (this.#done.size <= REMEMBERED_EVENTS) return;
    const [oldest] = this.#done;
    if (oldest !== undefined) this.#done.delete(oldest);
  }

  async #run(command: KomariCommand, send: SendPingResult, signal: AbortSignal): Promise<void> {
    const { server, uplink, control, clock } = this.#options;
    switch (command.kind) {
      case "ping":
        await this.#ping(command, send, signal);
        return;
      case "exec": {
        const by = { uplink, request: command.taskId };
        const outcome = await runCommand(control, command.command, by, signal);
        await deliverResult(server, clock, { ...outcome, task_id: command.taskId }, signal);
        return;
      }
      case "terminal": {
        const by = { uplink, request: command.requestId };
        const socket = await server.openTerminal(command.requestId, signal);
        await serveTerminal(socket, { control, by, clock, signal });
      }
    }
  }

  async #ping(
    command: Extract<KomariCommand, { kind: "ping" }>,
    send: SendPingResult,
    signal: AbortSignal,
  ): Promise<void> {
    const { probes, clock } = this.#options;
    const value = await answerPing(probes, command, signal);
    await send({
      task_id: command.taskId,
      ping_type: command.pingType,
      value,
      finished_at: new Date(clock.now()).toISOString(),
    });
  }
}
