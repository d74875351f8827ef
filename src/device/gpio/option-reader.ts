/** Reads the options of one driver and remembers what is wrong with them. */
export interface OptionReader {
  text(key: string, fallback: string): string;
  integer(key: string, fallback: number, range: { min: number; max: number }): number;
  /** Seconds, at least `min`. */
  seconds(key: string, fallback: number, min: number): number;
  /** A program and its arguments. */
  command(key: string): readonly string[];
  /** Adds a finding of the driver itself. */
  complain(key: string, message: string): void;
  /** Everything that is wrong, options that nobody asked for included. Call it last. */
  finish(): readonly OptionProblem[];
}

export interface OptionProblem {
  readonly key: string;
  readonly message: string;
}

function isCommand(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value[0] !== "" &&
    value.every((item) => typeof item === "string")
  );
}

export function createOptionReader(options: Readonly<Record<string, unknown>>): OptionReader {
  const problems: OptionProblem[] = [];
  const known = new Set(["type"]);
  const take = (key: string): unknown => {
    known.add(key);
    return options[key] ?? undefined;
  };
  const complain = (key: string, message: string): void => {
    problems.push({ key, message });
  };
  const number = (key: string, fallback: number, isValid: (value: number) => boolean): number => {
    const value = take(key) ?? fallback;
    return typeof value === "number" && isValid(value) ? value : Number.NaN;
  };
  return {
    complain,
    text(key, fallback) {
      const value = take(key) ?? fallback;
      if (typeof value === "string") return value;
      complain(key, "must be a text");
      return fallback;
    },
    integer(key, fallback, { min, max }) {
      const value = number(key, fallback, (n) => Number.isInteger(n) && n >= min && n <= max);
      if (Number.isNaN(value)) complain(key, `must be a whole number from ${min} to ${max}`);
      return Number.isNaN(value) ? fallback : value;
    },
    seconds(key, fallback, min) {
      const value = number(key, fallback, (n) => Number.isFinite(n) && n >= min);
      if (Number.isNaN(value)) complain(key, `must be a number of seconds, at least ${min}`);
      return Number.isNaN(value) ? fallback : value;
    },
    command(key) {
      const value = take(key);
      if (isCommand(value)) return value;
      complain(key, "must be a list of texts: a program and its arguments");
      return [];
    },
    finish() {
      for (const key of Object.keys(options)) {
        if (!known.has(key)) {
          complain(key, `is not an option of this driver; options: ${[...known].join(", ")}`);
        }
      }
      return problems;
    },
  };
}
