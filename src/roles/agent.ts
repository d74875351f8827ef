import { LocalControl } from "../agent/control.ts";
import { createUplink } from "../agent/create-uplink.ts";
import { watchFacts } from "../agent/facts.ts";
import { healthText } from "../agent/kvm-health.ts";
import { createProbes } from "../agent/probes.ts";
import { createSampler } from "../agent/sampler.ts";
import type { Uplink } from "../agent/uplink.ts";
import type { Config } from "../config/schema.ts";
import { every } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import { createScope } from "../core/scope.ts";
import type { Scope } from "../core/scope.ts";
import { createStore } from "../core/store.ts";
import type { Store } from "../core/store.ts";
import type { Device } from "../device/device.ts";
import type { DeviceRole } from "./device.ts";
import type { HubRole } from "./hub.ts";
import { watchKvmStatus } from "./kvm-status.ts";
import { OwnNode } from "./own-node.ts";
import { readKvmHealth } from "./kvm-health.ts";
import type { Role, RoleOptions } from "./role.ts";

export interface AgentRole extends Role {
  readonly name: "agent";
  /** Empty before `start`. */
  readonly uplinks: readonly Uplink[];
}

const HEALTH_EVERY_MS = 10_000;
const NO_KVM: Store<undefined> = createStore(undefined);

function isDeviceRole(role: Role): role is DeviceRole {
  return role.name === "device";
}

function isHubRole(role: Role): role is HubRole {
  return role.name === "hub";
}

/** What the KVM says about itself, followed until the scope closes; empty without a device role. */
async function watchHealth(
  device: Device | undefined,
  { platform, log, config }: RoleOptions,
  scope: Scope,
): Promise<Store<string>> {
  const store = createStore("");
  if (device === undefined || !config.agent.reportHealth) return store;
  const refresh = async (): Promise<void> => {
    try {
      store.set(healthText(await readKvmHealth(device, platform.host)));
    } catch (error) {
      log.debug({ reason: describeError(error) }, "health of the KVM is unknown");
    }
  };
  scope.defer(every(platform.clock, HEALTH_EVERY_MS, () => void refresh()));
  await refresh();
  return store;
}

async function startAgent(options: RoleOptions, scope: Scope): Promise<readonly Uplink[]> {
  const { config, platform, log, version, peers } = options;
  const { machine, host, clock, files } = platform;
  const { agent, dataDir } = config;
  const facts = await watchFacts({ machine, host, config: agent, clock }, scope);
  const samples = await createSampler({ machine, config: agent, dataDir, files, clock, log }).start(
    scope,
  );
  const device = peers.find(isDeviceRole)?.device;
  const health = await watchHealth(device, options, scope);
  const kvm = device && watchKvmStatus(device, options, scope);
  const probes = createProbes(platform.probe, agent.probes);
  const control = new LocalControl({
    config: agent.control,
    workers: platform.workers,
    clock,
    log: log.child({ sub: "control" }),
  });
  const shared = { config: agent, dataDir, platform, log, version, facts, health, probes, control };
  const told = agent.reportHealth ? kvm : undefined;
  const uplinks: Uplink[] = await Promise.all(
    agent.uplinks.map((uplink) => createUplink(uplink, { ...shared, kvm: told ?? NO_KVM })),
  );
  const hub = peers.find(isHubRole)?.hub;
  if (hub !== undefined) {
    uplinks.push(new OwnNode({ ...shared, hub, files, clock, kvm }));
  }
  for (const uplink of uplinks) {
    scope.task(uplink.name, (signal) => uplink.run(samples, signal));
  }
  return uplinks;
}

/** This machine on the configured servers, and on the hub of this process. Without any nothing is measured. */
export function mountAgent(options: RoleOptions): Promise<AgentRole> {
  const log = options.log.child({ sub: "agent" });
  const scope = createScope("agent", log);
  let life: Scope | undefined;
  scope.defer(() => life?.close());
  let uplinks: readonly Uplink[] = [];
  const begin = async (config: Config): Promise<void> => {
    uplinks = [];
    // The role may have been closed while former uplinks ended.
    if (scope.signal.aborted) return;
    life = createScope("agent/uplinks", log);
    if (config.agent.uplinks.length === 0 && !options.peers.some(isHubRole)) {
      log.warn({}, "the agent has no uplinks; 'farhand pair' adds one");
      return;
    }
    uplinks = await startAgent({ ...options, config, log }, life);
  };
  let { config } = options;
  return Promise.resolve({
    name: "agent",
    get uplinks() {
      return uplinks;
    },
    start: () => begin(config),
    async reconfigure(next) {
      await life?.close();
      try {
        await begin(next);
        config = next;
      } catch (error) {
        await life?.close();
        await begin(config);
        throw error;
      }
    },
    close: () => scope.close(),
    health() {
      const online = uplinks.filter(({ state }) => state.value.phase === "online").length;
      return { uplinks: `${online} of ${uplinks.length} online` };
    },
  });
}
