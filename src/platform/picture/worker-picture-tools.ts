import type { Worker } from "node:worker_threads";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import { startThread } from "../process/thread.ts";
import type { PictureTask } from "./picture-task.ts";
import { PictureError } from "./port.ts";
import type { PictureTools } from "./port.ts";

/** The thread is kept this long for the next picture, then its memory is given back. */
const IDLE_MS = 30_000;
const MAX_WAITING = 8;
const TASK_TIMEOUT_MS = 30_000;
const MAX_HEAP_MB = 192;

interface Reply {
  readonly bytes?: Uint8Array;
  readonly failure?: string;
}

interface Job {
  readonly task: PictureTask;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** The bundle has the thread's program as a file of its own; sources run it in this thread instead. */
function workerUrl(): URL | undefined {
  const own = import.meta.url;
  if (own.endsWith(".ts")) return undefined;
  return new URL(own.includes("/chunks/") ? "../picture-worker.js" : "./picture-worker.js", own);
}

/** One thread, one picture at a time. */
class WorkerPictureTools {
  readonly #url: URL;
  readonly #clock: Clock;
  readonly #waiting: Job[] = [];
  #worker: Worker | undefined;
  #current: Job | undefined;
  #cancelTimer = (): void => undefined;

  constructor(url: URL, clock: Clock) {
    this.#url = url;
    this.#clock = clock;
  }

  perform(task: PictureTask): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= MAX_WAITING) {
        reject(new PictureError("Too many pictures wait to be worked on"));
        return;
      }
      this.#waiting.push({ task, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#cancelTimer();
    for (const { reject } of this.#waiting.splice(0)) reject(new PictureError("Closed"));
    await this.#drop("Closed");
  }

  #next(): void {
    if (this.#current !== undefined) return;
    this.#cancelTimer();
    this.#current = this.#waiting.shift();
    const limit = this.#current === undefined ? IDLE_MS : TASK_TIMEOUT_MS;
    this.#cancelTimer = this.#clock.setTimer(limit, () => void this.#drop("It took too long"));
    if (this.#current === undefined) return;
    this.#worker ??= this.#start();
    this.#worker.postMessage(this.#current.task, []);
  }

  #start(): Worker {
    const worker = startThread(this.#url, MAX_HEAP_MB);
    worker.on("message", (reply: Reply) => {
      const job = this.#current;
      this.#current = undefined;
      if (reply.bytes !== undefined) job?.resolve(reply.bytes);
      else job?.reject(new PictureError(reply.failure ?? "The picture cannot be read"));
      this.#next();
    });
    worker.on("error", (error) => {
      if (this.#worker === worker) void this.#drop(describeError(error));
    });
    // An idle thread does not keep the process alive.
    worker.unref();
    return worker;
  }

  /** Ends the thread, and with it what it was doing. */
  async #drop(reason: string): Promise<void> {
    const [worker, job] = [this.#worker, this.#current];
    this.#worker = undefined;
    this.#current = undefined;
    job?.reject(new PictureError(reason));
    await worker?.terminate();
    if (this.#waiting.length > 0) this.#next();
  }
}

async function performHere(task: PictureTask): Promise<Uint8Array> {
  const { performPictureTask } = await import("./picture-task.ts");
  try {
    return performPictureTask(task);
  } catch (error) {
    throw new PictureError(describeError(error), { cause: error });
  }
}

/** Tools that work in a thread of their own; it is started with the first picture. */
export function createPictureTools(clock: Clock): PictureTools {
  const url = workerUrl();
  const tools = url === undefined ? undefined : new WorkerPictureTools(url, clock);
  const perform = (task: PictureTask): Promise<Uint8Array> =>
    tools === undefined ? performHere(task) : tools.perform(task);
  return {
    resize: (jpeg, size, quality) => perform({ kind: "resize", jpeg, size, quality }),
    cutGray: (jpeg, box) => perform({ kind: "cutGray", jpeg, box }),
    close: () => tools?.close() ?? Promise.resolve(),
  };
}
