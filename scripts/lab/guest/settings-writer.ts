// Changes a setting that the daemon keeps in a file, again and again: the file that must survive a crash. It is the
// name of a display description, "lab-1", "lab-2" and so on, the newest of which tells what was kept.
import { setTimeout as pause } from "node:timers/promises";
import { call, get } from "./api.ts";

const PREFIX = "lab-";
const EDID_BYTES = 128;
const RETRY_MS = 200;

interface SwitchAnswer {
  readonly edids: { readonly all: Readonly<Record<string, { readonly name: string }>> };
}

interface Kept {
  readonly id: string;
  readonly number: number;
}

/** What the daemon has now; undefined before the first was made. */
export async function readKept(): Promise<Kept | undefined> {
  const { edids } = await get<SwitchAnswer>("/api/switch");
  const found = Object.entries(edids.all).find(([, { name }]) => name.startsWith(PREFIX));
  if (found === undefined) return undefined;
  const [id, { name }] = found;
  return { id, number: Number(name.slice(PREFIX.length)) };
}

async function change(id: string | undefined, number: number): Promise<boolean> {
  const what =
    id === undefined
      ? `create?name=${PREFIX}${number}&data=${"00".repeat(EDID_BYTES)}`
      : `change?name=${PREFIX}${number}&id=${id}`;
  const { status } = await call("POST", `/api/switch/edids/${what}`);
  return status === 200;
}

/** Writes until stopped; a daemon that is away is waited for. */
export class SettingsWriter {
  /** Number of the newest change that was answered with success. */
  acknowledged = 0;
  readonly #stopping = new AbortController();
  #over = Promise.resolve();

  /** `told` is called with each number that was accepted, and awaited. */
  start(told: (number: number) => Promise<unknown> = () => Promise.resolve()): void {
    this.#over = this.#write(told);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#over;
  }

  async #write(told: (number: number) => Promise<unknown>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#writeFrom(await readKept(), told);
      } catch {
        await pause(RETRY_MS);
      }
    }
  }

  /** Makes the first one, or changes it until something is refused. */
  async #writeFrom(
    kept: Kept | undefined,
    told: (number: number) => Promise<unknown>,
  ): Promise<void> {
    const { id, number: last } = kept ?? { id: undefined, number: 0 };
    for (let number = last + 1; !this.#stopping.signal.aborted; number += 1) {
      if (!(await change(id, number))) return;
      this.acknowledged = number;
      await told(number);
      // Its identity is not known yet.
      if (id === undefined) return;
    }
  }
}
