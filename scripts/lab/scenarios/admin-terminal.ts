// Last of its machine, since it stops the service. The administrator's shell runs inside the service: with its privileges, not more; what
// takes all memory in it does not take the daemon along, and what leaves it ends with the service.
import { openWs } from "../guest/api.ts";
import { findProcess, mainPid, run, statusOf } from "../guest/daemon.ts";
import { until } from "../guest/wait.ts";
import type { Scenario } from "../guest/scenario.ts";

const MARK = "86399.25";

/** Wherever it went. */
const findMarked = (): number | undefined =>
  findProcess(([program, seconds]) => program === "sleep" && seconds === MARK);

export const adminTerminal: Scenario = {
  name: "admin-terminal",
  async run({ check }) {
    const terminal = await openWs("/extras/webterm/ttyd/ws");
    terminal.sendRaw(Buffer.from(JSON.stringify({ AuthToken: "", columns: 80, rows: 24 })));
    const type = (text: string): void => {
      terminal.sendRaw(Buffer.from(`0${text}\r`));
    };
    await terminal.nextBinary();
    // Out of the terminal's session, where no hang-up reaches it.
    type(`setsid sleep ${MARK} & disown`);
    const strayed = await until("a process that left the terminal", findMarked);
    const daemon = await mainPid();
    const isSame = statusOf(strayed, "Uid") === statusOf(daemon, "Uid");
    check("the shell is the daemon's account", isSame, statusOf(strayed, "Uid"));
    check("it can get no privileges", statusOf(strayed, "NoNewPrivs") === "1");

    // More than the daemon itself needs by far, less than the machine has.
    await run("systemctl", "set-property", "--runtime", "farhand.service", "MemoryMax=192M");
    type("tail /dev/zero; echo still-$((40 + 2))");
    const printed = (): string => Buffer.concat([...terminal.binaries]).toString();
    await until("the greedy program is ended", () => printed().includes("still-42"));
    check("a program that takes all memory is ended, its shell goes on", true);
    check("and so does the daemon", (await mainPid()) === daemon);
    await run("systemctl", "stop", "farhand.service");
    check("the service's end is the end of everything in it", findMarked() === undefined);
  },
};
