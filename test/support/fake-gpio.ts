/** GPIO lines as the outside world sees them; the fake kernels below act on these. */
export interface FakeLine {
  direction: "in" | "out";
  /** Physical level that the outside applies. */
  outside: boolean;
  /** Physical level that we drive while the direction is out. */
  driven: boolean;
  /** Every physical level that was ever driven, repeats left out: a glitch would show here. */
  readonly history: boolean[];
  holder: string | undefined;
  readonly watchers: Set<() => void>;
}

export interface FakeChip {
  readonly name: string;
  readonly label: string;
  readonly lines: readonly FakeLine[];
}

export function fakeChip(name: string, label: string, count: number): FakeChip {
  const lines = Array.from({ length: count }, (): FakeLine => ({
    direction: "in",
    outside: false,
    driven: false,
    history: [],
    holder: undefined,
    watchers: new Set(),
  }));
  return { name, label, lines };
}

export function lineAt(chip: FakeChip, line: number): FakeLine {
  const found = chip.lines[line];
  if (found === undefined) throw new Error(`no line ${line}`);
  return found;
}

export function levelOf(line: FakeLine): boolean {
  return line.direction === "out" ? line.driven : line.outside;
}

export function drive(line: FakeLine, level: boolean): void {
  line.direction = "out";
  line.driven = level;
  if (line.history.at(-1) !== level) line.history.push(level);
}

export function applyOutside(line: FakeLine, level: boolean): void {
  line.outside = level;
  for (const notify of line.watchers) notify();
}

export function errno(code: string): Error {
  return Object.assign(new Error(code), { code });
}
