import { arch, cpus, release, type } from "node:os";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { HostInventory } from "./port.ts";

/** What the machine itself says, for when the inventory package is missing or fails. */
function basicInventory(): HostInventory {
  const processors = cpus();
  return {
    manufacturer: "",
    model: "",
    cpuName: processors[0]?.model ?? arch(),
    cpuCores: processors.length,
    osName: type(),
    osRelease: release(),
    virtualization: null,
  };
}

/** Static facts through `systeminformation`, which is large and starts programs: loaded on first use only. */
export async function readInventory(log: Logger): Promise<HostInventory> {
  try {
    const { cpu, osInfo, system } = await import("systeminformation");
    const [machine, processor, os] = await Promise.all([system(), cpu(), osInfo()]);
    const basic = basicInventory();
    return {
      manufacturer: machine.manufacturer,
      model: machine.model,
      cpuName: `${processor.manufacturer} ${processor.brand}`.trim() || basic.cpuName,
      cpuCores: processor.cores || basic.cpuCores,
      osName: os.distro || basic.osName,
      osRelease: os.release || basic.osRelease,
      virtualization: machine.virtual ? (machine.virtualHost ?? "unknown") : null,
    };
  } catch (error) {
    log.warn({ reason: describeError(error) }, "inventory is incomplete");
    return basicInventory();
  }
}
