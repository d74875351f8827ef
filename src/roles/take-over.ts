import type { Restartable } from "../config/extent.ts";
import type { Config } from "../config/schema.ts";
import type { TakeOverFailure } from "../config/settings.ts";
import { AppError, describeError } from "../core/errors.ts";
import type { Role } from "./role.ts";

export interface OtherSettings {
  readonly running: Config;
  /** Differs from what runs only in what begins these parts anew. */
  readonly next: Config;
  readonly parts: readonly Restartable[];
}

export interface TakenOver {
  /** What runs now. */
  readonly config: Config;
  /** The parts that run with the settings before, and why; undefined when there are none. */
  readonly problem: string | undefined;
  /** The same, role by role. */
  readonly failures: readonly TakeOverFailure[];
}

/** Sections of the configuration, each used by the role of its name. */
const SECTIONS = ["device", "agent"] as const;
type Section = (typeof SECTIONS)[number];

/** The role that a part belongs to; undefined for what is the whole program's. */
function sectionOf(part: Restartable): Section | undefined {
  if (part === "log") return undefined;
  return part === "agent" ? "agent" : "device";
}

function failureOf(parts: readonly Restartable[], error: unknown): TakeOverFailure {
  const code = error instanceof AppError ? error.code : "";
  return { parts, code, message: describeError(error) };
}

function problemOf(failures: readonly TakeOverFailure[]): string | undefined {
  if (failures.length === 0) return undefined;
  return failures.map(({ parts, message }) => `${parts.join(", ")}: ${message}`).join("; ");
}

/**
 * Gives the roles other settings while everything that is not concerned goes on. A role whose settings cannot run goes
 * on with those before; that does not keep the others from theirs. Never rejects.
 */
export async function takeOver(
  roles: readonly Role[],
  { running, next, parts }: OtherSettings,
): Promise<TakenOver> {
  const failures = new Map<Section, TakeOverFailure>();
  for (const section of SECTIONS) {
    const concerned = parts.filter((part) => sectionOf(part) === section);
    if (concerned.length === 0) continue;
    try {
      await roles.find(({ name }) => name === section)?.reconfigure?.(next, concerned);
    } catch (error) {
      failures.set(section, failureOf(concerned, error));
    }
  }
  const config = {
    ...next,
    device: failures.has("device") ? running.device : next.device,
    agent: failures.has("agent") ? running.agent : next.agent,
  };
  const all = [...failures.values()];
  return { config, problem: problemOf(all), failures: all };
}

/** While the roles start or end: what began anew meanwhile would do so twice, or never end. */
export function refuseTakeOver({ running }: OtherSettings): Promise<TakenOver> {
  const problem = "The program is starting or stopping";
  return Promise.resolve({ config: running, problem, failures: [] });
}
