import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { CommandRunView } from "../../../../protocol/fleet/admin.ts";
import { sentenceOf } from "../../../lib/api.ts";
import { ask } from "../fleet-api.ts";
import { SHAPES } from "../shapes.ts";
import { isOver } from "./outcomes.ts";

/** The first look is soon: most commands are quick. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** A command whose outcomes come in one by one. Looks until all are there, or until it is stopped. */
export class RunFollower {
  readonly #run;
  readonly #onOver: () => void;
  readonly #problem = signal("");
  #waitMs = FIRST_WAIT_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  /** `onOver` is called when the last outcome comes in. */
  constructor(run: CommandRunView, onOver: () => void) {
    this.#run = signal(run);
    this.#onOver = onOver;
    this.#later();
  }

  get run(): ReadonlySignal<CommandRunView> {
    return this.#run;
  }

  /** Why the last look failed; empty when it did not. */
  get problem(): ReadonlySignal<string> {
    return this.#problem;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const run = await ask("GET", `/commands/${this.#run.value.id}`, SHAPES.run);
      if (this.#isStopped) return;
      this.#run.value = run;
      this.#problem.value = "";
      if (isOver(run)) this.#onOver();
    } catch (error) {
      this.#problem.value = sentenceOf(error);
    }
    this.#later();
  }

  #later(): void {
    if (this.#isStopped || isOver(this.#run.value)) return;
    this.#timer = setTimeout(() => void this.#look(), this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 1.3, LONGEST_WAIT_MS);
  }
}
