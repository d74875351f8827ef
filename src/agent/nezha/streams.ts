import { every, sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { GrpcStream } from "../../platform/net/grpc/port.ts";
import { IO_KEEPALIVE, attachFrame, parseTerminalFrame } from "../../protocol/nezha/io-stream.ts";
import { ioDataCodec } from "../../protocol/nezha/shared.ts";
import type { Control, RemoteTerminal, Requester } from "../tasks.ts";

// Byte streams between a person at the dashboard and this machine (Nezha facts 1.9).

const FIRST_SIZE = { cols: 80, rows: 24 } as const;
const KEEPALIVE_MS = 30_000;
/** How long the dashboard may take to end a stream that this side has ended. */
const GOODBYE_MS = 5000;

export interface NezhaStreamContext {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  openStream(): GrpcStream;
  /** Agents of v0 never sent them. */
  readonly sendsKeepalive: boolean;
}

const sendTo = (stream: GrpcStream, data: Uint8Array): Promise<void> =>
  stream.send(ioDataCodec.encode({ data }));

const closed = (stream: GrpcStream): Promise<void> =>
  new Promise((resolve) => {
    stream.onClose(() => {
      resolve();
    });
  });

async function sayGoodbye(
  stream: GrpcStream,
  { clock, signal }: NezhaStreamContext,
): Promise<void> {
  stream.end();
  const patience = sleep(clock, GOODBYE_MS, signal).catch(() => undefined);
  await Promise.race([closed(stream), patience]);
  stream.cancel();
}

/** Takes a stream that the dashboard asked for only to say why there is nothing on it. */
export async function refuseStream(
  streamId: string,
  lastWords: Uint8Array | undefined,
  context: NezhaStreamContext,
): Promise<void> {
  const stream = context.openStream();
  try {
    await sendTo(stream, attachFrame(streamId));
    if (lastWords !== undefined) await sendTo(stream, lastWords);
    await sayGoodbye(stream, context);
  } finally {
    stream.cancel();
  }
}

/** Carries bytes until either end is gone; a slow dashboard slows the program down. */
async function relay(
  stream: GrpcStream,
  terminal: RemoteTerminal,
  context: NezhaStreamContext,
): Promise<void> {
  const { clock, log, signal, sendsKeepalive } = context;
  stream.onMessage((message) => {
    try {
      const frame = parseTerminalFrame(ioDataCodec.decode(message).data);
      if (frame.kind === "input") terminal.write(frame.bytes);
      else if (frame.kind === "resize") terminal.resize(frame.cols, frame.rows);
    } catch (error) {
      log.debug({ err: error }, "frame of a terminal dropped");
    }
  });
  const stopKeepalive = sendsKeepalive
    ? every(clock, KEEPALIVE_MS, () => void sendTo(stream, IO_KEEPALIVE).catch(() => undefined))
    : () => undefined;
  let onAbort: () => void = () => undefined;
  await new Promise<void>((resolve) => {
    let unsent = 0;
    terminal.onData((bytes) => {
      unsent += 1;
      terminal.pause();
      void sendTo(stream, bytes)
        .catch(() => undefined)
        .finally(() => {
          unsent -= 1;
          if (unsent === 0) terminal.resume();
        });
    });
    terminal.onExit(() => {
      resolve();
    });
    stream.onClose(() => {
      resolve();
    });
    onAbort = resolve;
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) resolve();
  });
  signal.removeEventListener("abort", onAbort);
  stopKeepalive();
}

/** Opens a terminal, or tells in its place why not. */
export async function runTerminalStream(
  streamId: string,
  options: { readonly control: Control; readonly by: Requester },
  context: NezhaStreamContext,
): Promise<void> {
  let terminal: RemoteTerminal;
  try {
    terminal = await options.control.openTerminal(FIRST_SIZE, options.by);
  } catch (error) {
    const words = new TextEncoder().encode(`${describeError(error)}\r\n`);
    await refuseStream(streamId, words, context);
    return;
  }
  const stream = context.openStream();
  try {
    // Listens before the dashboard knows that it may speak.
    await Promise.all([sendTo(stream, attachFrame(streamId)), relay(stream, terminal, context)]);
    await sayGoodbye(stream, context);
  } finally {
    stream.cancel();
    await terminal.close();
  }
}
