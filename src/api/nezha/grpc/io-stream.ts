import { every } from "../../../core/clock.ts";
import type { Clock } from "../../../core/clock.ts";
import type { StreamEnd } from "../../../hub/control.ts";
import {
  IO_KEEPALIVE,
  attachedStream,
  inputFrame,
  resizeFrame,
} from "../../../protocol/nezha/io-stream.ts";
import { ioDataCodec } from "../../../protocol/nezha/shared.ts";
import { ProtobufError } from "../../../protocol/protobuf/reader.ts";
import { CallRefusal, STATUS } from "./refusal.ts";
import { bufferOf, failStream } from "./stream.ts";
import type { AgentStream } from "./stream.ts";

export interface TerminalStreamOptions {
  readonly stream: AgentStream;
  readonly clock: Clock;
  /** The agent's end of the terminal of that name, once; undefined for any that does not wait for this agent. */
  readonly join: (name: string) => StreamEnd | undefined;
  /** Whether empty frames keep the stream alive: agents before v1.0.4 take them for its end. */
  readonly keepsAlive: boolean;
}

const ATTACH_MS = 10_000;
const KEEPALIVE_MS = 30_000;
const MAX_ATTACH = 256;
const KEEPALIVE = bufferOf(ioDataCodec.encode({ data: IO_KEEPALIVE }));

/** What waits in both directions is bounded: by the end's own limit, and by pausing the stream. */
class TerminalStream {
  readonly #options: TerminalStreamOptions;
  #end: StreamEnd | undefined;
  #stopTimer = (): void => undefined;

  constructor(options: TerminalStreamOptions) {
    this.#options = options;
  }

  start(): void {
    const { stream, clock } = this.#options;
    this.#stopTimer = clock.setTimer(ATTACH_MS, () => {
      failStream(stream, new CallRefusal(STATUS.unknown, "the stream was not named in time"));
    });
    stream.on("data", (message: Buffer) => {
      this.#take(message);
    });
    stream.once("end", () => {
      this.#finish("exited");
      stream.end();
    });
    stream.once("close", () => {
      this.#stopTimer();
      this.#finish("agentGone");
    });
  }

  #take(message: Buffer): void {
    const { stream } = this.#options;
    try {
      const { data } = ioDataCodec.decode(message);
      if (this.#end === undefined) this.#attach(data);
      else if (data.length > 0 && !this.#end.send(data)) stream.pause();
    } catch (error) {
      const isMalformed = error instanceof ProtobufError;
      const refusal = new CallRefusal(STATUS.invalidArgument, "malformed message");
      failStream(stream, isMalformed ? refusal : error);
    }
  }

  #attach(frame: Uint8Array): void {
    this.#stopTimer();
    const { stream, clock, join, keepsAlive } = this.#options;
    const name = frame.length > MAX_ATTACH ? undefined : attachedStream(frame);
    const end = name === undefined ? undefined : join(name);
    if (end === undefined) throw new CallRefusal(STATUS.unknown, "there is no such stream");
    this.#end = end;
    end.onDrain(() => {
      stream.resume();
    });
    stream.on("drain", () => {
      end.setPaused(false);
    });
    end.onReceive((bytes) => {
      this.#write(inputFrame(bytes));
    });
    end.onResize((columns, rows) => {
      this.#write(resizeFrame(columns, rows));
    });
    end.onClose(() => {
      this.#stopTimer();
      stream.end();
      // What the agent still sends is for nobody, and its end has to be noticed.
      stream.resume();
    });
    if (!keepsAlive) return;
    this.#stopTimer = every(clock, KEEPALIVE_MS, () => {
      if (!stream.destroyed && !stream.writableEnded) stream.write(KEEPALIVE);
    });
  }

  #write(data: Uint8Array): void {
    const { stream } = this.#options;
    if (stream.destroyed || stream.writableEnded) return;
    if (!stream.write(bufferOf(ioDataCodec.encode({ data })))) this.#end?.setPaused(true);
  }

  #finish(reason: "exited" | "agentGone"): void {
    this.#end?.close(reason);
    this.#end = undefined;
  }
}

/** Joins the two ends of a terminal. */
export function serveTerminal(options: TerminalStreamOptions): void {
  new TerminalStream(options).start();
}
