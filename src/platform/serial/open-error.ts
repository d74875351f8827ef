import { open } from "node:fs/promises";
import { constants } from "node:fs";
import { isatty } from "node:tty";
import { describeError, errnoOf } from "../../core/errors.ts";
import { PortOpenError } from "./port.ts";

const CURES: Readonly<Record<string, string>> = {
  ENOENT: "does not exist; check the cable, the path and the kernel module of the adapter",
  ENODEV: "has no device behind it; plug the adapter in again",
  ENXIO: "has no device behind it; plug the adapter in again",
  EACCES: "may not be opened by this user; add the user to group dialout and log in again",
  EPERM: "may not be opened by this user; add the user to group dialout and log in again",
  EBUSY: "is used by another program; stop that program",
  EISDIR: "is a folder, not a serial port",
  EIO: "does not answer; plug the adapter in again",
};

function openError(path: string, problem: string, cause: unknown): PortOpenError {
  return new PortOpenError(`Serial port ${path} ${problem}`, { cause });
}

/**
 * Says why a port could not be opened. The package reports texts only, so the node is opened once more to learn the
 * errno; where that works, the package failed later: the node is no terminal, or somebody else has locked it.
 */
export async function explainOpenFailure(path: string, failure: unknown): Promise<PortOpenError> {
  const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
  try {
    const handle = await open(path, flags);
    const isTerminal = isatty(handle.fd);
    await handle.close();
    if (!isTerminal) return openError(path, "is not a serial port", failure);
    const text = `is used by another program, or cannot be set up (${describeError(failure)}); stop that program`;
    return openError(path, text, failure);
  } catch (error) {
    const cure = CURES[errnoOf(error) ?? ""];
    return openError(path, cure ?? `cannot be opened: ${describeError(error)}`, error);
  }
}
