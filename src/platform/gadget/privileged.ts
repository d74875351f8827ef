import { chownSync, chmodSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../../core/clock.ts";
import type { ProcessRunner } from "../process/port.ts";
import { ConfigfsControl } from "./control.ts";
import type { GadgetControl } from "./control.ts";
import { KERNEL_PATHS, KernelView } from "./kernel-view.ts";
import { HID_ROLES } from "./port.ts";
import { RESERVE, takeOverReserve } from "./reserve.ts";
import { nodeTreeFiles } from "./tree-files.ts";

const MODULE = "libcomposite";
/** The group may send input, others may not. */
const NODE_MODE = 0o660;

export interface PrivilegedControlOptions {
  readonly process: ProcessRunner;
  readonly clock: Clock;
  /** Only images below this folder are ever inserted. */
  readonly storageRoot: string;
  /** Group that may use the input devices; undefined leaves them to root. */
  readonly groupId?: number;
}

function handOver(groupId: number): void {
  const view = new KernelView(nodeTreeFiles, KERNEL_PATHS);
  for (const role of HID_ROLES) {
    const path = view.nodeOf(role);
    if (path === undefined) continue;
    chownSync(path, 0, groupId);
    chmodSync(path, NODE_MODE);
  }
}

/** The kernel of this machine, for a process of root. */
export function createPrivilegedControl(options: PrivilegedControlOptions): GadgetControl {
  const { process, clock, storageRoot, groupId } = options;
  const control = new ConfigfsControl({
    files: nodeTreeFiles,
    root: KERNEL_PATHS.gadget,
    clock,
    storageRoot,
    ...(groupId === undefined ? {} : { onBound: () => handOver(groupId) }),
  });
  return {
    async apply(description, udc) {
      if (!nodeTreeFiles.exists(dirname(KERNEL_PATHS.gadget))) {
        // Without the module the next step fails, and says so.
        await process.run("modprobe", [MODULE]).catch(() => undefined);
      }
      takeOverReserve(nodeTreeFiles, KERNEL_PATHS.gadget, RESERVE);
      await control.apply(description, udc);
    },
    insert: (medium) => control.insert(medium),
    eject: () => control.eject(),
  };
}
