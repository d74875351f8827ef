import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { ClientSocket } from "../../platform/web/port.ts";
import { parseJson } from "../../protocol/komari/commands.ts";
import type { Control, RemoteTerminal, Requester } from "../tasks.ts";
import { CONTROL_OFF } from "./command-result.ts";

/** More than this on its way, and the program has to wait. */
const FULL_BYTES = 256 * 1024;
const LOOK_AGAIN_MS = 50;
const FIRST_SIZE = { cols: 80, rows: 24 } as const;
const MAX_SIDE = 1000;

function side(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_SIDE
    ? value
    : undefined;
}

/** Text frames are orders in JSON, or else typed like binary ones (Komari 1.11). */
function takeText(terminal: RemoteTerminal, text: string): void {
  const message = text.startsWith("{") ? parseJson(text) : undefined;
  if (typeof message !== "object" || message === null) {
    terminal.write(text);
    return;
  }
  const type: unknown = Reflect.get(message, "type");
  const input: unknown = Reflect.get(message, "input");
  const cols = side(Reflect.get(message, "cols"));
  const rows = side(Reflect.get(message, "rows"));
  if (type === "input" && typeof input === "string") terminal.write(input);
  if (type === "resize" && cols !== undefined && rows !== undefined) terminal.resize(cols, rows);
}

interface Relay {
  readonly socket: ClientSocket;
  readonly terminal: RemoteTerminal;
  readonly clock: Clock;
}

/** Passes bytes until one side ends. */
function relay({ socket, terminal, clock }: Relay, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let cancelLook = (): void => undefined;
    const look = (): void => {
      if (socket.bufferedBytes > FULL_BYTES / 2) cancelLook = clock.setTimer(LOOK_AGAIN_MS, look);
      else terminal.resume();
    };
    const stops = [
      terminal.onData((bytes) => {
        if (!socket.send(bytes)) finish();
        else if (socket.bufferedBytes > FULL_BYTES) {
          terminal.pause();
          cancelLook();
          cancelLook = clock.setTimer(LOOK_AGAIN_MS, look);
        }
      }),
      terminal.onExit(() => {
        finish();
      }),
      socket.onMessage((message) => {
        if (typeof message === "string") takeText(terminal, message);
        else terminal.write(message);
      }),
      socket.onClose(() => {
        finish();
      }),
    ];
    const finish = (): void => {
      cancelLook();
      for (const stop of stops) stop();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    signal.addEventListener("abort", finish, { once: true });
  });
}

export interface TerminalOptions {
  readonly control: Control;
  readonly by: Requester;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Serves one terminal session on its socket, or says why not, and closes it. */
export async function serveTerminal(socket: ClientSocket, options: TerminalOptions): Promise<void> {
  const { control, by, clock, signal } = options;
  let terminal: RemoteTerminal | undefined;
  try {
    if (!control.allows.terminal) {
      control.refuse("terminal", by);
      socket.send(`${CONTROL_OFF}\r\n`);
      return;
    }
    terminal = await control.openTerminal(FIRST_SIZE, by);
    await relay({ socket, terminal, clock }, signal);
  } catch (error) {
    socket.send(`${describeError(error)}\r\n`);
  } finally {
    socket.close();
    await terminal?.close();
  }
}
