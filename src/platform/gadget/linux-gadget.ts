import { existsSync } from "node:fs";
import { getuid } from "node:process";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import { createHelperClient } from "../helper/client.ts";
import type { ProcessRunner } from "../process/port.ts";
import { KERNEL_PATHS, KernelView } from "./kernel-view.ts";
import { createNodeGadgetHost } from "./node-gadget.ts";
import type { GadgetHost } from "./port.ts";
import { createPrivilegedControl } from "./privileged.ts";
import { nodeTreeFiles } from "./tree-files.ts";

export interface LinuxGadgetOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly process: ProcessRunner;
}

/** The gadget of this machine: through the helper where there is one, by itself only for a process of root without one. */
export function createLinuxGadgetHost({ clock, log, process }: LinuxGadgetOptions): GadgetHost {
  return createNodeGadgetHost({
    view: new KernelView(nodeTreeFiles, KERNEL_PATHS),
    clock,
    log: log.child({ sub: "gadget" }),
    control: ({ helperSocket, storageRoot }) =>
      getuid?.() === 0 && !existsSync(helperSocket)
        ? createPrivilegedControl({ process, clock, storageRoot })
        : createHelperClient({ socket: helperSocket, clock }),
  });
}
