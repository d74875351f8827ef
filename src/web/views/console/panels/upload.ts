import { effect, signal } from "@preact/signals";
import { ApiError, errorFrom, request, sentenceOf, urlOf } from "../../../lib/api.ts";
import { isObject, numberOf, objectOf, parseJson } from "../../../lib/json.ts";
import { msd } from "../device-state.ts";
import { SpeedMeter } from "./speed-meter.ts";

export type UploadState = "waiting" | "running" | "done" | "failed";

/** One file on its way to the device. */
export interface Upload {
  readonly id: number;
  readonly name: string;
  readonly size: number;
  readonly sent: number;
  /** Bytes a second; undefined until that is known. */
  readonly speed: number | undefined;
  readonly state: UploadState;
  readonly problem: string;
}

/** Newest last. Finished ones stay until they are dismissed. */
export const uploads = signal<readonly Upload[]>([]);

type Work = (signal: AbortSignal, onSent: (sent: number, size: number) => void) => Promise<void>;

const controllers = new Map<number, AbortController>();
let lastId = 0;
/** One after the other: the device's disk is slow, and half of a file helps nobody. */
let queue: Promise<void> = Promise.resolve();

function change(id: number, part: Partial<Upload>): void {
  uploads.value = uploads.value.map((upload) =>
    upload.id === id ? { ...upload, ...part } : upload,
  );
}

export function dismissUpload(id: number): void {
  controllers.get(id)?.abort();
  controllers.delete(id);
  uploads.value = uploads.value.filter((upload) => upload.id !== id);
}

/** The device tidies up after an upload that was cancelled, and perhaps somebody else uses it. */
function untilFree(stop: AbortSignal): Promise<void> {
  const watch = new AbortController();
  const free = new Promise<void>((resolve, reject) => {
    const end = effect(() => {
      if (!msd.value.isBusy) resolve();
    });
    watch.signal.addEventListener("abort", end);
    stop.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
  });
  return free.finally(() => watch.abort());
}

async function run(id: number, work: Work): Promise<void> {
  const controller = controllers.get(id);
  if (controller === undefined) return;
  const meter = new SpeedMeter();
  try {
    await untilFree(controller.signal);
    change(id, { state: "running" });
    await work(controller.signal, (sent, size) => {
      change(id, { sent, size, speed: meter.add(sent, performance.now()) });
    });
    change(id, { state: "done", speed: undefined });
  } catch (error) {
    change(id, { state: "failed", problem: sentenceOf(error), speed: undefined });
  }
}

function enqueue(name: string, size: number, work: Work): void {
  lastId += 1;
  const id = lastId;
  controllers.set(id, new AbortController());
  const upload: Upload = {
    id,
    name,
    size,
    sent: 0,
    speed: undefined,
    state: "waiting",
    problem: "",
  };
  uploads.value = [...uploads.value, upload];
  queue = queue.then(() => run(id, work));
}

function sendFile(
  file: File,
  signal: AbortSignal,
  onSent: (sent: number, size: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // The one thing that `fetch` does not tell is how far an upload is.
    const call = new XMLHttpRequest();
    call.open("POST", urlOf("/api/msd/write", { image: file.name, remove_incomplete: true }));
    call.upload.addEventListener("progress", ({ loaded }) => onSent(loaded, file.size));
    call.addEventListener("load", () => {
      if (call.status === 200) resolve();
      else reject(errorFrom(call.status, call.responseText));
    });
    call.addEventListener("error", () => reject(new ApiError(0, "", "")));
    call.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    signal.addEventListener("abort", () => call.abort());
    if (signal.aborted) reject(new DOMException("", "AbortError"));
    else call.send(file);
  });
}

export function uploadFiles(files: Iterable<File>): void {
  for (const file of files) {
    enqueue(file.name, file.size, (signal, onSent) => sendFile(file, signal, onSent));
  }
}

/** One line of the answer (PiKVM API 4.5). */
function takeRecord(line: string, onSent: (sent: number, size: number) => void): void {
  const record = objectOf(parseJson(line));
  if (record["ok"] === false) throw errorFrom(400, line);
  const result = objectOf(record["result"]);
  if (!isObject(result["image"])) return;
  onSent(numberOf(result["image"]["written"]), numberOf(result["image"]["size"]));
}

async function fetchRemote(
  url: string,
  signal: AbortSignal,
  onSent: (sent: number, size: number) => void,
): Promise<void> {
  const query = { url, remove_incomplete: true };
  const response = await request("POST", "/api/msd/write_remote", { query, signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) return;
    const lines = (rest + piece.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) takeRecord(line, onSent);
  }
}

/** The device itself fetches it. */
export function uploadFromUrl(url: string): void {
  const name = url.split(/[?#]/, 1)[0]?.split("/").pop() ?? url;
  enqueue(name === "" ? url : name, 0, (signal, onSent) => fetchRemote(url, signal, onSent));
}

addEventListener("beforeunload", (event) => {
  if (uploads.value.some(({ state }) => state === "running" || state === "waiting")) {
    event.preventDefault();
  }
});
