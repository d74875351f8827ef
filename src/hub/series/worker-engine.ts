import { Worker } from "node:worker_threads";
import { MissingPartError, StorageError } from "../../core/errors.ts";
import type { StorageEngine, StorageReply, StorageRequest } from "./requests.ts";

interface Message {
  readonly id: number;
  readonly reply?: StorageReply;
  readonly failure?: string;
  readonly isMissingPart?: boolean;
}

interface Waiting {
  readonly resolve: (reply: StorageReply) => void;
  readonly reject: (error: Error) => void;
}

/** Heap of the thread; SQLite's own memory is beside it. */
const MAX_HEAP_MB = 192;
/** Requests under way; more are refused, so that a slow disk does not fill the memory. */
const MAX_WAITING = 1000;

/** The bundle has the thread's program as a file of its own; undefined in sources. */
export function storageWorkerUrl(): URL | undefined {
  const own = import.meta.url;
  if (own.endsWith(".ts")) return undefined;
  const name = "hub-storage-worker.js";
  return new URL(own.includes("/chunks/") ? `../${name}` : `./${name}`, own);
}

/** An engine in a thread of its own. When the thread dies, everything is rejected from then on. */
export class WorkerEngine implements StorageEngine {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #failure: StorageError | undefined;

  constructor(url: URL) {
    // With a new thread V8 forgets `limitYoungHeap`, which is right here: long answers have to fit among new objects.
    this.#worker = new Worker(url, { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } });
    this.#worker.on("message", (message: Message) => {
      this.#settle(message);
    });
    this.#worker.on("error", (cause) => {
      this.#fail(new StorageError("The thread of the hub's database failed", { cause }));
    });
    this.#worker.on("exit", () => {
      this.#fail(new StorageError("The thread of the hub's database has ended"));
    });
    this.#worker.unref();
  }

  async perform(request: StorageRequest): Promise<StorageReply> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#waiting.size >= MAX_WAITING && request.kind !== "close") {
      throw new StorageError("Too much waits for the hub's database");
    }
    const id = this.#nextId;
    this.#nextId += 1;
    const reply = await new Promise<StorageReply>((resolve, reject) => {
      // Only what is under way keeps the process alive.
      this.#worker.ref();
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, request }, []);
    });
    if (request.kind === "close") await this.#worker.terminate();
    return reply;
  }

  #settle({ id, reply, failure, isMissingPart }: Message): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (reply !== undefined) waiting?.resolve(reply);
    else if (isMissingPart === true) waiting?.reject(new MissingPartError(failure ?? ""));
    else waiting?.reject(new StorageError(failure ?? "The hub's database does not say why"));
  }

  #fail(error: StorageError): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
