import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { HidDriver, HidReport } from "./driver.ts";

export interface HidOutputOptions {
  readonly driver: HidDriver;
  readonly clock: Clock;
  readonly log: Logger;
  /** The complete state that the host should have, as reports. */
  held(): readonly HidReport[];
  /** The chip is away: whatever was down counts as up. */
  forget(): void;
}

/** Pause between attempts to bring the host in line after its queue was full. */
const RESYNC_PAUSE_MS = 20;

/**
 * The way of live events to the driver. A state that the driver has no room for is made up for: the state that holds
 * once there is room is sent, so that no lost release leaves a key down.
 */
export class HidOutput {
  readonly #options: HidOutputOptions;
  #isResyncing = false;

  constructor(options: HidOutputOptions) {
    this.#options = options;
  }

  send(report: HidReport): void {
    const { driver } = this.#options;
    if (driver.submit(report)) return;
    if (!driver.state.value.online) this.#options.forget();
    else if (!this.#isResyncing && isState(report)) void this.#resync();
  }

  sendAll(reports: readonly HidReport[]): void {
    for (const report of reports) this.send(report);
  }

  async #resync(): Promise<void> {
    const { driver, clock, log } = this.#options;
    this.#isResyncing = true;
    log.warn({}, "input queue full, some key events were lost");
    try {
      await driver.drained();
      await sleep(clock, RESYNC_PAUSE_MS);
    } catch (error) {
      log.debug({ reason: describeError(error) }, "waiting for the input queue failed");
    } finally {
      this.#isResyncing = false;
    }
    this.sendAll(this.#options.held());
  }
}

/** Moves carry no state: the next one makes up for a lost one. */
function isState({ type }: HidReport): boolean {
  return type === "keyboard" || type === "consumer" || type === "system" || type === "buttons";
}
