import { connect } from "node:net";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { GadgetControl } from "../gadget/control.ts";
import { GadgetOfflineError } from "../gadget/port.ts";
import { errorOf, LineSplitter, parseReply } from "./protocol.ts";
import type { HelperRequest } from "./protocol.ts";

/** Binding waits for the kernel, which waits for the hardware. */
const PATIENCE_MS = 10_000;

export interface HelperClientOptions {
  readonly socket: string;
  readonly clock: Clock;
}

/** One connection for each request: they are rare, and a helper that was restarted needs no care then. */
function ask({ socket: path, clock }: HelperClientOptions, request: HelperRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const splitter = new LineSplitter();
    const finish = (error?: Error): void => {
      cancel();
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    const fail = (reason: string, cause?: unknown): void => {
      finish(new GadgetOfflineError(`The gadget helper on ${path} ${reason}`, { cause }));
    };
    const cancel = clock.setTimer(PATIENCE_MS, () => {
      fail("does not answer");
    });
    socket.setEncoding("utf8");
    socket.once("connect", () => {
      socket.write(`${JSON.stringify(request)}\n`);
    });
    socket.on("data", (text: string) => {
      try {
        const [line] = splitter.push(text);
        if (line === undefined) return;
        const reply = parseReply(line);
        finish(reply.ok ? undefined : errorOf(reply));
      } catch (error) {
        fail("answers in another language", error);
      }
    });
    socket.once("error", (error) => {
      fail(`cannot be reached: ${describeError(error)}`, error);
    });
    socket.once("close", () => {
      fail("hung up");
    });
  });
}

/** The privileged part of the gadget in another process. */
export function createHelperClient(options: HelperClientOptions): GadgetControl {
  return {
    apply: ({ hid, ...description }, udc) =>
      ask(options, { do: "apply", description: { ...description, hid: [...hid] }, udc }),
    insert: ({ path, cdrom, rw }) => ask(options, { do: "insert", medium: { path, cdrom, rw } }),
    eject: () => ask(options, { do: "eject" }),
  };
}
