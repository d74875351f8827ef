import "../../styles/terminal.css";
import type { Terminal as Xterm } from "@xterm/xterm";
import { attempt } from "../toast.tsx";
import { documentWithSheets } from "./sheet-element.ts";
import type { OpenTerminalLink, TerminalLink, TerminalSize } from "./terminal-link.ts";

/** Output that is not drawn yet holds the shell back, so that a flood of it stays interruptible. */
const HOLD_BYTES = 256 * 1024;
const GO_ON_BYTES = 64 * 1024;

const sizeOf = ({ cols: columns, rows }: Xterm): TerminalSize => ({ columns, rows });

/** What a visitor wants from a terminal. */
export interface TerminalOptions {
  readonly link: OpenTerminalLink;
  /** It has ended by itself. `code` says why and is often empty; `wasSilent`: there was no output at all. */
  readonly onEnd: (code: string, wasSilent: boolean) => void;
}

/** Joins a terminal on the page with a shell. */
class Session {
  readonly #terminal: Xterm;
  readonly #link: TerminalLink;
  #undrawn = 0;
  #isHeld = false;
  #isSilent = true;

  constructor(terminal: Xterm, { link, onEnd }: TerminalOptions) {
    this.#terminal = terminal;
    this.#link = link(sizeOf(terminal), {
      onOpen: () => terminal.focus(),
      onOutput: (bytes) => this.#draw(bytes),
      onEnd: (code) => onEnd(code, this.#isSilent),
    });
    terminal.onData((text) => this.#link.send(text));
    terminal.onResize(() => this.#link.resize(sizeOf(terminal)));
  }

  close(): void {
    this.#link.close();
  }

  #draw(bytes: Uint8Array): void {
    this.#isSilent = false;
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
    this.#link.hold(isHeld);
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

async function start(
  box: HTMLElement,
  signal: AbortSignal,
  options: TerminalOptions,
): Promise<void> {
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
  // Tab belongs to the shell: there has to be a way out without a mouse.
  terminal.attachCustomKeyEventHandler(({ type, key, shiftKey }) => {
    const isWayOut = key === "Escape" && shiftKey;
    if (isWayOut && type === "keydown") terminal.blur();
    return !isWayOut;
  });
  terminal.open(box);
  const fit = (): void => fitTo(terminal, box);
  fit();
  const session = new Session(terminal, options);
  const watcher = new ResizeObserver(fit);
  watcher.observe(box);
  signal.addEventListener("abort", () => {
    watcher.disconnect();
    session.close();
    terminal.dispose();
  });
}

/** Opens a shell in an element; call the answer to end it. */
export function openTerminal(box: HTMLElement, { link, onEnd }: TerminalOptions): () => void {
  const stop = new AbortController();
  attempt(() =>
    start(box, stop.signal, {
      link,
      onEnd: (...how) => {
        if (!stop.signal.aborted) onEnd(...how);
      },
    }),
  );
  return () => stop.abort();
}
