import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import type { AtxConfig } from "../../config/schema.ts";
import type { GpioBank, InputLine, OutputLine } from "../../platform/gpio/port.ts";
import { keepOpen } from "../gpio/kept.ts";
import type { Kept } from "../gpio/kept.ts";

/** Each region is one line with its own busy time. */
export type AtxRegion = "power" | "reset";
export type AtxLed = "power" | "hdd";

export interface AtxLines {
  /** Undefined where no line is configured. */
  readonly switches: Readonly<Record<AtxRegion, Kept<OutputLine> | undefined>>;
  /** Why a configured power LED cannot be read now. */
  powerLedProblem(): string | undefined;
}

export interface AtxLineListener {
  onLed(led: AtxLed, isLit: boolean): void;
  /** Everything that is wrong with the lines now; null when nothing is. */
  onProblem(problem: string | null): void;
}

export interface AtxLineOptions {
  readonly config: AtxConfig;
  readonly gpio: GpioBank;
  readonly clock: Clock;
  readonly log: Logger;
}

type Pin = AtxConfig["powerSwitch"];
type WiredPin = Exclude<Pin, string>;

function wired(pin: Pin): WiredPin | undefined {
  return typeof pin === "string" ? undefined : pin;
}

/** `auto` means: where any line is known. */
export function isAtxEnabled(config: AtxConfig): boolean {
  if (config.enabled !== "auto") return config.enabled;
  const pins = [config.powerSwitch, config.resetSwitch, config.powerLed, config.hddLed];
  return pins.some((pin) => wired(pin) !== undefined);
}

/** Opens every configured line and keeps it until the scope closes. Switches are idle from the first moment on. */
export function openAtxLines(
  scope: Scope,
  { config, gpio, clock, log }: AtxLineOptions,
  listener: AtxLineListener,
): AtxLines {
  const problems = new Map<string, string>();
  const note = (name: string, error: string | null): void => {
    if (error === null) problems.delete(name);
    else problems.set(name, error);
    const all = [...problems].map(([part, problem]) => `${part}: ${problem}`);
    listener.onProblem(all.length === 0 ? null : all.join("; "));
  };

  const keep = <T extends { close(): Promise<void> }>(
    name: string,
    pin: Pin,
    open: (pin: WiredPin) => Promise<T>,
  ): Kept<T> | undefined => {
    const line = wired(pin);
    if (line === undefined) return undefined;
    const kept = keepOpen(scope, { name, clock, log, open: () => open(line) });
    kept.state.subscribe(({ error }) => {
      note(name, scope.signal.aborted ? null : error);
    });
    return kept;
  };

  const keepSwitch = (name: string, pin: Pin): Kept<OutputLine> | undefined =>
    keep(name, pin, (line) =>
      gpio.output(line, { initial: false, activeLow: line.activeLow ?? false }),
    );

  const keepLed = (name: string, pin: Pin, led: AtxLed): Kept<InputLine> | undefined => {
    const debounceMs = config.ledDebounceSeconds * 1000;
    const kept = keep(name, pin, (line) =>
      gpio.input(line, { activeLow: line.activeLow ?? false, debounceMs }),
    );
    kept?.state.subscribe(({ resource }) => {
      if (resource === undefined) return;
      listener.onLed(led, resource.level.value);
      resource.level.subscribe((isLit) => {
        listener.onLed(led, isLit);
      });
    });
    return kept;
  };

  const powerLed = keepLed("power LED", config.powerLed, "power");
  keepLed("disk LED", config.hddLed, "hdd");
  return {
    switches: {
      power: keepSwitch("power switch", config.powerSwitch),
      reset: keepSwitch("reset switch", config.resetSwitch),
    },
    powerLedProblem: () => powerLed?.state.value.error ?? undefined,
  };
}
