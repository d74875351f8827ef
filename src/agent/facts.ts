import type { AgentConfig } from "../config/schema.ts";
import { every } from "../core/clock.ts";
import type { Clock } from "../core/clock.ts";
import type { Scope } from "../core/scope.ts";
import { createStore } from "../core/store.ts";
import type { MutableStore } from "../core/store.ts";
import type { HostProbe } from "../platform/host/port.ts";
import type { MachineSource } from "../platform/sampling/port.ts";
import type { HostFacts } from "./sample.ts";
import type { Facts } from "./uplink.ts";

/** How often addresses and the host's name are looked at again. */
const AGAIN_MS = 60_000;

/** Addresses that nobody outside can reach, or that belong to documentation, tests and the future. */
const PRIVATE_4 =
  /^(?:0|10|127|22[4-9]|23\d|24\d|25[0-5])\.|^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^169\.254\.|^172\.(?:1[6-9]|2\d|3[01])\.|^192\.168\.|^192\.0\.[02]\.|^198\.1[89]\.|^198\.51\.100\.|^203\.0\.113\./;
/** Global unicast is 2000::/3; 2001:db8::/32 is for documentation. */
const PUBLIC_6 = /^[23]/;
const DOCUMENTATION_6 = /^2001:0?db8:/i;

export function isPublicAddress(address: string): boolean {
  if (address.includes(":")) return PUBLIC_6.test(address) && !DOCUMENTATION_6.test(address);
  return !PRIVATE_4.test(address);
}

export interface FactsOptions {
  readonly machine: MachineSource;
  readonly host: HostProbe;
  readonly config: AgentConfig;
  readonly clock: Clock;
}

type Addresses = Pick<HostFacts, "ipv4" | "ipv6">;

function addresses({ config, host }: FactsOptions): Addresses {
  const { report, ipv4, ipv6 } = config.address;
  if (!report) return { ipv4: "", ipv6: "" };
  const present = host.addresses().filter(isPublicAddress);
  return {
    ipv4: ipv4 || (present.find((address) => !address.includes(":")) ?? ""),
    ipv6: ipv6 || (present.find((address) => address.includes(":")) ?? ""),
  };
}

/** A clock that is set this much is not drifting: the machine had no clock of its own and was told the time. */
const CLOCK_SET_SECONDS = 60;

/** Figures that wobble look like restarts (Nezha 6.6): kept unless the clock was set. */
function bootTime({ clock, host }: FactsOptions, before: number | undefined): number {
  const seconds = Math.round(clock.now() / 1000) - host.uptimeSeconds();
  const isSteady = before !== undefined && Math.abs(seconds - before) <= CLOCK_SET_SECONDS;
  return isSteady ? before : seconds;
}

/** Reads what the machine is, once, and follows its name, addresses and clock until the scope closes. */
export async function watchFacts(options: FactsOptions, scope: Scope): Promise<Facts> {
  const { machine, host, clock } = options;
  const { processors, graphics, bootId: _, ...facts } = await machine.facts();
  const kernel = host.kernel();
  const store: MutableStore<HostFacts> = createStore({
    ...facts,
    ...addresses(options),
    hostName: host.hostName(),
    kernelRelease: kernel.release,
    machine: kernel.machine,
    cpuModels: processors,
    gpuNames: graphics,
    bootTimeSeconds: bootTime(options, undefined),
  });
  scope.defer(
    every(clock, AGAIN_MS, () => {
      store.set({
        ...store.value,
        ...addresses(options),
        hostName: host.hostName(),
        bootTimeSeconds: bootTime(options, store.value.bootTimeSeconds),
      });
    }),
  );
  return store;
}
