const TITLES: Readonly<Record<string, string>> = {
  AltLeft: "Alt",
  AltRight: "AltGr",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  Backspace: "⌫",
  CapsLock: "Caps",
  ContextMenu: "☰",
  ControlLeft: "Ctrl",
  ControlRight: "Ctrl",
  Delete: "Del",
  Enter: "⏎",
  Escape: "Esc",
  Insert: "Ins",
  MetaLeft: "Win",
  MetaRight: "Win",
  NumLock: "Num",
  PageDown: "PgDn",
  PageUp: "PgUp",
  PrintScreen: "PrtSc",
  ScrollLock: "ScrLk",
  ShiftLeft: "Shift",
  ShiftRight: "Shift",
  Space: "Space",
  Tab: "Tab",
};

/** What stands on a key, as on most keyboards. */
export function keyTitle(code: string): string {
  return TITLES[code] ?? code.replace(/^(Key|Digit|Numpad)/, "");
}
