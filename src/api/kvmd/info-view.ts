/** How the parts of the device's identity and health look on the wire (PiKVM API 4.2, 9.4). */
import type {
  AuthInfo,
  ExtrasInfo,
  FanInfo,
  HealthInfo,
  NodeInfo,
  SystemInfo,
  UptimeInfo,
} from "../../device/info/info-state.ts";
import { KVMD_VERSION } from "../../protocol/kvmd/version.ts";

type View = Readonly<Record<string, unknown>>;

export function authView({ enabled }: AuthInfo): View {
  return { enabled };
}

export function nodeView({ host }: NodeInfo): View {
  return { host };
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function uptimeView({ totalSeconds }: UptimeInfo): View {
  return {
    parts: {
      days: Math.floor(totalSeconds / DAY),
      hours: Math.floor((totalSeconds % DAY) / HOUR),
      minutes: Math.floor((totalSeconds % HOUR) / MINUTE),
      seconds: totalSeconds % MINUTE,
    },
    total: totalSeconds,
  };
}

const NEVER = { now: false, past: false };

/** A board without throttling has none at all: clients crash on null. */
function throttlingView({ throttling, ignorePastThrottling }: HealthInfo): View {
  return {
    ignore_past: ignorePastThrottling,
    parsed_flags: {
      freq_capped: throttling?.frequencyCapped ?? NEVER,
      throttled: throttling?.throttled ?? NEVER,
      undervoltage: throttling?.undervoltage ?? NEVER,
    },
    raw_flags: throttling?.raw ?? 0,
  };
}

/** Percent with one decimal. */
function usedPercent(total: number | null, available: number | null): number | null {
  if (total === null || available === null || total <= 0) return null;
  return Math.round(((total - available) * 1000) / total) / 10;
}

export function healthView(health: HealthInfo): View {
  const { memoryTotalBytes: total, memoryAvailableBytes: available } = health;
  return {
    cpu: { percent: health.cpuPercent },
    mem: { available, percent: usedPercent(total, available), total },
    temp: { cpu: health.cpuTemperature },
    throttling: throttlingView(health),
  };
}

/** The state that PiKVM's fan daemon reports. */
function fanStateView(fan: FanInfo): View {
  const { reading, readAtSeconds, lastFailureSeconds } = fan;
  const temperature = fan.cpuTemperature ?? 0;
  return {
    fan: {
      last_fail_ts: lastFailureSeconds ?? -1,
      ok: reading.ok,
      pwm: reading.pwm,
      speed: reading.speedPercent,
    },
    hall: { available: reading.rpm !== null, rpm: reading.rpm ?? 0 },
    service: { now_ts: readAtSeconds },
    temp: { fixed: temperature, real: temperature },
  };
}

export function fanView(fan: FanInfo | null): View {
  return { monitored: fan !== null, state: fan === null ? null : fanStateView(fan) };
}

/** The platform type is the same on every board, as the original has it; the model is what clients title it with. */
export function platformView({ board, farhand }: SystemInfo): View {
  const isSimulated = farhand.platform === "sim";
  return {
    base: isSimulated ? "Simulated board" : board.model,
    board: board.preset,
    model: board.preset,
    serial: board.serial.toUpperCase(),
    type: "rpi",
    video: null,
  };
}

/** Everything about the system except its platform, which moves in the old layout. */
export function softwareView({ kernel, streamer, farhand, color }: SystemInfo): View {
  return {
    farhand: {
      color,
      platform: farhand.platform,
      simulated: farhand.platform === "sim",
      version: farhand.version,
    },
    kernel,
    kvmd: { version: KVMD_VERSION },
    streamer,
  };
}

export function systemView(system: SystemInfo): View {
  return { ...softwareView(system), platform: platformView(system) };
}

export function extrasView(extras: ExtrasInfo): View {
  return extras;
}
