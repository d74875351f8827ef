import type * as NodePty from "node-pty";
import { howToRestore, MissingPartError } from "../../core/errors.ts";

const CURE = `Pseudo-terminals need the package 'node-pty': ${howToRestore("node-pty")}`;

/** The part of node-pty's native addon that makes a pair without a program on it. */
export interface PtyAddon {
  open(
    cols: number,
    rows: number,
  ): { readonly master: number; readonly slave: number; readonly pty: string };
}

function isAddon(value: unknown): value is PtyAddon {
  if (typeof value !== "object" || value === null || !("open" in value)) return false;
  return typeof value.open === "function";
}

/** Loads node-pty on first use; rejects with `MissingPartError`. */
export async function loadNodePty(): Promise<typeof NodePty> {
  try {
    return await import("node-pty");
  } catch (cause) {
    throw new MissingPartError(CURE, { cause });
  }
}

/** The native addon itself; node-pty exports it without a type. */
export async function loadPtyAddon(): Promise<PtyAddon> {
  const module: object = await loadNodePty();
  const addon = "native" in module ? module.native : undefined;
  if (isAddon(addon)) return addon;
  throw new MissingPartError(CURE);
}
