import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { MissingPartError } from "../../src/core/errors.ts";
import type {
  ChildProcessHandle,
  ProcessExit,
  ProcessRunner,
} from "../../src/platform/process/port.ts";

export interface FakePictures {
  /** Bytes of each picture. Default 100. */
  readonly size?: number;
  /** Default 20. */
  readonly fps?: number;
  readonly isOnline?: boolean;
}

const OPTIONS =
  "device format encoder resolution quality desired-fps drop-same-frames unix unix-rm unix-mode".split(
    " ",
  );
const DELIMITER = "\r\n--boundarydonotcross\r\n";

/** What ustreamer prints about itself when asked with one of these flags. */
const ANSWERS: Readonly<Record<string, string>> = {
  "--version": "5.99\n",
  "--features": "+ WITH_FAKES\n- WITH_HARDWARE\n",
  "--help": `${OPTIONS.map((name) => `    --${name} <x>  ── Words.\n`).join("")}           * HW  ── Words.\n`,
};

/** What the program prints when asked with this flag; undefined for any other. */
export function answerOf(flag: string): string | undefined {
  return ANSWERS[flag];
}

function parse(args: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    args.map((argument) => {
      const [name = "", value = ""] = argument.replace(/^--/, "").split("=");
      return [name, value];
    }),
  );
}

/** Number of a picture of the fake, and when it was sent, epoch milliseconds. */
export function readFakePicture(jpeg: Uint8Array): { number: number; sentAt: number } {
  const [number, sentAt] = Buffer.from(jpeg.subarray(0, 40)).toString("latin1").split(" ");
  return { number: Number(number), sentAt: Number(sentAt) };
}

/** Plays ustreamer: its socket and its paths. A picture is its number and the time of sending, filled up. */
export class FakeUstreamer {
  readonly #given: ReadonlyMap<string, string>;
  readonly #pictures: Required<FakePictures>;
  readonly #streams = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response);
  });
  #timer: NodeJS.Timeout | undefined;
  #count = 0;

  constructor(args: readonly string[], pictures: FakePictures = {}) {
    this.#given = parse(args);
    this.#pictures = { size: 100, fps: 20, isOnline: true, ...pictures };
  }

  /** The first option that the real program would refuse. */
  get unknownOption(): string | undefined {
    return Array.from(this.#given.keys()).find((name) => !OPTIONS.includes(name));
  }

  listen(): void {
    this.#server.listen(this.#given.get("unix"));
    this.#timer = setInterval(() => this.#send(), 1000 / this.#pictures.fps);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #next(): Buffer {
    this.#count += 1;
    const sentAt = performance.timeOrigin + performance.now();
    const picture = Buffer.alloc(this.#pictures.size, 0x2a);
    picture.write(`${this.#count} ${sentAt} `.padEnd(40), 0, "latin1");
    return picture;
  }

  #send(): void {
    if (this.#streams.size === 0) return;
    const picture = this.#next();
    const head = [
      "Content-Type: image/jpeg",
      `Content-Length: ${picture.length}`,
      `X-UStreamer-Online: ${this.#pictures.isOnline}`,
      "X-UStreamer-Width: 1280",
      "X-UStreamer-Height: 720",
      "X-UStreamer-Latency: 0.001000",
    ].join("\r\n");
    const part = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), picture, Buffer.from(DELIMITER)]);
    for (const response of this.#streams) response.write(part);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    switch (request.url?.split("?")[0]) {
      case "/state":
        response.end(JSON.stringify({ ok: true, result: this.#state() }));
        break;
      case "/snapshot":
        response.setHeader("X-UStreamer-Online", String(this.#pictures.isOnline));
        response.setHeader("X-UStreamer-Width", "1280");
        response.setHeader("X-UStreamer-Height", "720");
        response.setHeader("X-Timestamp", "1.5");
        response.end(this.#next());
        break;
      case "/stream":
        response.setHeader("Content-Type", "multipart/x-mixed-replace;boundary=boundarydonotcross");
        response.write(DELIMITER.trimStart());
        this.#streams.add(response);
        response.once("close", () => void this.#streams.delete(response));
        break;
      default:
        response.writeHead(404).end();
    }
  }

  #state() {
    const { fps, isOnline } = this.#pictures;
    return {
      instance_id: "fake",
      encoder: { type: "HW", quality: Number(this.#given.get("quality") ?? 80) },
      source: {
        resolution: { width: 1280, height: 720 },
        online: isOnline,
        desired_fps: Number(this.#given.get("desired-fps") ?? 0),
        captured_fps: fps,
      },
      stream: { queued_fps: fps, clients: this.#streams.size, clients_stat: {} },
    };
  }
}

/** The fake as a child process. */
export interface FakeChild {
  readonly args: readonly string[];
  /** It ends by itself. */
  end(exitCode: number, lastWords: string): void;
}

export interface FakeUstreamerRunner extends ProcessRunner {
  readonly started: readonly FakeChild[];
}

function startChild(
  args: readonly string[],
  pictures: FakePictures,
): ChildProcessHandle & FakeChild {
  const fake = new FakeUstreamer(args, pictures);
  const listeners = new Set<(bytes: Uint8Array) => void>();
  let finish: (exit: ProcessExit) => void = () => undefined;
  const exited = new Promise<ProcessExit>((resolve) => {
    finish = resolve;
  });
  const end = (exitCode: number, lastWords: string): void => {
    for (const listener of listeners) listener(Buffer.from(lastWords));
    fake.close();
    finish({ exitCode, signal: null });
  };
  if (fake.unknownOption === undefined) fake.listen();
  else setImmediate(end, 1, `unknown option ${fake.unknownOption}`);
  return {
    pid: 4242,
    args,
    exited,
    end,
    onStdout: () => () => undefined,
    onStderr(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    pauseStdout: () => undefined,
    resumeStdout: () => undefined,
    write: () => Promise.resolve(),
    endInput: () => undefined,
    kill() {
      end(0, "");
      return exited;
    },
  };
}

/** A machine on which `ustreamer` is the fake, in this process, and no other program exists. */
export function fakeUstreamerRunner(pictures: FakePictures = {}): FakeUstreamerRunner {
  const started: FakeChild[] = [];
  const missing = (command: string) => new MissingPartError(`Program ${command} is not installed`);
  return {
    started,
    run(command, args) {
      const stdout = command === "ustreamer" ? answerOf(args[0] ?? "") : undefined;
      if (stdout === undefined) return Promise.reject(missing(command));
      return Promise.resolve({ exitCode: 0, stdout, stderr: "" });
    },
    spawn(command, args) {
      if (command !== "ustreamer") return Promise.reject(missing(command));
      const child = startChild(args, pictures);
      started.push(child);
      return Promise.resolve(child);
    },
    which: () => Promise.resolve(undefined),
  };
}
