// The installed service: who it is, what it may do, how long it takes to start, and that strangers learn nothing.
import { call, get } from "../guest/api.ts";
import { run, show, statusOf, UNIT } from "../guest/daemon.ts";
import type { Scenario } from "../guest/scenario.ts";

const PROPERTIES = [
  "ActiveState",
  "SubState",
  "Type",
  "WatchdogUSec",
  "MainPID",
  "ExecMainStartTimestampMonotonic",
  "ActiveEnterTimestampMonotonic",
] as const;
/** The project's own limit for the daemon on the network. */
const MAX_EXPOSURE = 2.5;
/** Bit of linux/capability.h. */
const NET_BIND_SERVICE = 1 << 10;

export const service: Scenario = {
  name: "service",
  async run({ check, measure }) {
    const state = await show(UNIT, ...PROPERTIES);
    check("the daemon runs", state.ActiveState === "active" && state.SubState === "running", state);
    check("it tells when it is ready", state.Type === "notify", state);
    check("it is watched", state.WatchdogUSec !== "0" && state.WatchdogUSec !== "", state);

    const pid = Number(state.MainPID);
    const [uid] = statusOf(pid, "Uid").split("\t");
    check("it is not root", uid !== "0", uid);
    const capabilities = Number.parseInt(statusOf(pid, "CapEff"), 16);
    const isPlain = (capabilities & ~NET_BIND_SERVICE) === 0;
    check("it has no capabilities but that for low ports", isPlain, capabilities);
    check("it can get no privileges", statusOf(pid, "NoNewPrivs") === "1");
    check("its system calls are filtered", statusOf(pid, "Seccomp") === "2");
    const helper = await show("farhand-gadget.service", "ActiveState");
    check("the helper for the USB port runs", helper.ActiveState === "active", helper);

    const security = await run("systemd-analyze", "security", "--no-pager", UNIT);
    const exposure = Number(/exposure level for [^:]+: ([\d.]+)/.exec(security)?.[1] ?? "10");
    check(
      `systemd finds it exposed by ${MAX_EXPOSURE} at most`,
      exposure <= MAX_EXPOSURE,
      exposure,
    );
    measure("exposure", exposure, "");

    const stranger = await call("GET", "/api/info", { headers: {} });
    check("strangers are refused", stranger.status === 401, stranger.status);
    const info = await get<{ system?: object }>("/api/info");
    check("its owner is answered", info.system !== undefined, info);

    const startMs =
      (Number(state.ActiveEnterTimestampMonotonic) -
        Number(state.ExecMainStartTimestampMonotonic)) /
      1000;
    measure("start to ready", startMs, "ms");
    measure("resident", Number.parseInt(statusOf(pid, "VmRSS"), 10) / 1024, "MiB");
  },
};
