import type { Terminal as Xterm } from "@xterm/xterm";
import { attempt } from "../../components/toast.tsx";
import { documentWithSheets } from "./sheet-element.ts";

/** Output that is not drawn yet holds the shell back, so that a flood of it stays interruptible. */
const HOLD_BYTES = 256 * 1024;
const GO_ON_BYTES = 64 * 1024;
/** Commands of ttyd's protocol, in both directions. */
const OUTPUT = 0x30;
const INPUT = "0";
const RESIZE = "1";
const PAUSE = "2";
const RESUME = "3";

const encoder = new TextEncoder();

/** Passes frames between a terminal on the page and a shell on the device. */
class Session {
  readonly #terminal: Xterm;
  readonly #socket = new WebSocket("/extras/webterm/ttyd/ws", ["tty"]);
  #undrawn = 0;
  #isHeld = false;

  constructor(terminal: Xterm, onEnd: () => void) {
    this.#terminal = terminal;
    this.#socket.binaryType = "arraybuffer";
    this.#socket.addEventListener("open", () => {
      const { cols: columns, rows } = terminal;
      this.#send(JSON.stringify({ AuthToken: "", columns, rows }));
      terminal.focus();
    });
    this.#socket.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => {
      const bytes = new Uint8Array(data);
      if (bytes[0] === OUTPUT) this.#draw(bytes.subarray(1));
    });
    this.#socket.addEventListener("close", onEnd);
    terminal.onData((text) => this.#send(`${INPUT}${text}`));
    terminal.onResize(({ cols: columns, rows }) =>
      this.#send(`${RESIZE}${JSON.stringify({ columns, rows })}`),
    );
  }

  close(): void {
    this.#socket.close();
  }

  #send(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(encoder.encode(text));
  }

  #draw(bytes: Uint8Array): void {
    this.#undrawn += bytes.length;
    if (this.#undrawn > HOLD_BYTES) this.#hold(true);
    this.#terminal.write(bytes, () => {
      this.#undrawn -= bytes.length;
      if (this.#undrawn < GO_ON_BYTES) this.#hold(false);
    });
  }

  #hold(isHeld: boolean): void {
    if (this.#isHeld === isHeld) return;
    this.#isHeld = isHeld;
    this.#send(isHeld ? PAUSE : RESUME);
  }
}

/** As many columns and rows as there is room for. */
function fitTo(terminal: Xterm, box: HTMLElement): void {
  const screen = box.querySelector(".xterm-screen");
  if (screen === null || screen.clientWidth === 0) return;
  const { paddingLeft, paddingTop } = getComputedStyle(box);
  const room = (size: number, padding: string): number => size - 2 * Number.parseFloat(padding);
  const cols = room(box.clientWidth, paddingLeft) / (screen.clientWidth / terminal.cols);
  const rows = room(box.clientHeight, paddingTop) / (screen.clientHeight / terminal.rows);
  if (cols >= 2 && rows >= 1) terminal.resize(Math.floor(cols), Math.floor(rows));
}

async function start(box: HTMLElement, signal: AbortSignal, onEnd: () => void): Promise<void> {
  const { Terminal } = await import("@xterm/xterm");
  if (signal.aborted) return;
  const style = getComputedStyle(box);
  const terminal = new Terminal({
    cursorBlink: true,
    fontFamily: style.getPropertyValue("--mono"),
    fontSize: 14,
    documentOverride: documentWithSheets(),
    theme: { background: style.backgroundColor, foreground: style.color },
  });
  terminal.open(box);
  const fit = (): void => fitTo(terminal, box);
  fit();
  const session = new Session(terminal, onEnd);
  const watcher = new ResizeObserver(fit);
  watcher.observe(box);
  signal.addEventListener("abort", () => {
    watcher.disconnect();
    session.close();
    terminal.dispose();
  });
}

/** Opens a shell in an element; call the answer to end it. */
export function openTerminal(box: HTMLElement, onEnd: () => void): () => void {
  const stop = new AbortController();
  attempt(() =>
    start(box, stop.signal, () => {
      if (!stop.signal.aborted) onEnd();
    }),
  );
  return () => stop.abort();
}
