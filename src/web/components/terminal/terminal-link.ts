/** Of a window, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface TerminalEvents {
  /** Keys are taken from now on. */
  readonly onOpen: () => void;
  readonly onOutput: (bytes: Uint8Array) => void;
  /** It is over. `code` says why, for `terminalEndedText`; it is often empty. */
  readonly onEnd: (code: string) => void;
}

/** The way to a shell, wherever it is. Before it is open and after its end everything is ignored. */
export interface TerminalLink {
  /** What was typed. */
  send(text: string): void;
  resize(size: TerminalSize): void;
  /** Whether output is to wait: the page is behind with drawing. A way that cannot tell its other side ignores it. */
  hold(isHeld: boolean): void;
  close(): void;
}

export type OpenTerminalLink = (size: TerminalSize, events: TerminalEvents) => TerminalLink;
