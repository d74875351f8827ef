import { CancelledError, describeError } from "../../core/errors.ts";
import { isAborted } from "../../core/abort.ts";
import type { NezhaTask, NezhaTaskResult } from "../../protocol/nezha/messages.ts";
import { EMPTY_TASK_RESULT } from "../../protocol/nezha/messages.ts";
import { fileRefusal, streamIdOf, transferRefusal } from "../../protocol/nezha/io-stream.ts";
import { TASK_TYPE } from "../../protocol/nezha/service.ts";
import { failure, runProbeTask } from "./probes.ts";
import { refuseStream, runTerminalStream } from "./streams.ts";
import type { NezhaStreamContext } from "./streams.ts";
import { ControlDeniedError, TooManyTasksError } from "../task-errors.ts";
import type { Control, Probes } from "../tasks.ts";

// Tasks of a dashboard (Nezha facts 1.8). Probes are answered; commands and terminals are a matter of `Control`; what
// this program does not do at all (files, tunnels, settings of the stock agent) is refused in the way of its kind.

/** More at the same time are refused: a dashboard sends each probe once a half minute. */
const MAX_TASKS = 64;
/** Both sides refuse messages over 4 MiB, with which the whole session would end. */
const MAX_DATA = 512 * 1024;

export interface NezhaTaskContext extends NezhaStreamContext {
  readonly uplink: string;
  readonly probes: Probes;
  readonly control: Control;
  /** From v1.0.4 on a keepalive is answered; v0 takes the answer for a strange probe. */
  readonly answersKeepalive: boolean;
  /** Hands a result over; failures are the session's business. */
  reply(result: NezhaTaskResult): Promise<void>;
  /** The dashboard wants the description of the machine again. */
  readonly reportHost: () => void;
}

function noteRefusal({ id }: NezhaTask, what: string, { control, uplink }: NezhaTaskContext): void {
  control.refuse(what, { uplink, request: String(id) });
}

/** A result in the form of the tasks that carry JSON: the task worked, its content says what did not. */
function jsonRefusal(task: NezhaTask, what: string, context: NezhaTaskContext): NezhaTaskResult {
  noteRefusal(task, what, context);
  const data = JSON.stringify({ error: new ControlDeniedError(what).message });
  return { ...EMPTY_TASK_RESULT, id: task.id, type: task.type, data, successful: true };
}

async function runCommand(task: NezhaTask, context: NezhaTaskContext): Promise<NezhaTaskResult> {
  const { clock, control, signal } = context;
  const by = { uplink: context.uplink, request: String(task.id) };
  const startedAt = clock.monotonic();
  try {
    const { exitCode, stdout } = await control.runCommand(task.data, by, signal);
    const successful = exitCode === 0;
    const ending = successful ? "" : `\nexit status ${exitCode ?? "unknown"}`;
    return {
      id: task.id,
      type: task.type,
      delay: (clock.monotonic() - startedAt) / 1000,
      data: stdout.slice(0, MAX_DATA) + ending,
      successful,
    };
  } catch (error) {
    return failure(task, describeError(error));
  }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

async function runStream(task: NezhaTask, context: NezhaTaskContext): Promise<void> {
  const streamId = streamIdOf(task.data);
  if (task.type === TASK_TYPE.terminal) {
    const by = { uplink: context.uplink, request: streamId };
    await runTerminalStream(streamId, { control: context.control, by }, context);
    return;
  }
  const isTunnel = task.type === TASK_TYPE.nat;
  noteRefusal(task, isTunnel ? "A tunnel" : "Reading and writing files", context);
  const words = new ControlDeniedError("Reading and writing files").message;
  if (task.type === TASK_TYPE.fileManager) {
    await refuseStream(streamId, fileRefusal(words), context);
  } else if (task.type === TASK_TYPE.fsTransfer) {
    await refuseStream(streamId, transferRefusal(words), context);
  } else {
    await refuseStream(
      streamId,
      encode("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
      context,
    );
  }
}

/** The result to send, or undefined for tasks without one. */
type Handler = (
  task: NezhaTask,
  context: NezhaTaskContext,
) => NezhaTaskResult | undefined | Promise<NezhaTaskResult | undefined>;

const stream: Handler = async (task, context) => {
  await runStream(task, context);
  return undefined;
};
const refuseSettings: Handler = (task, context) => {
  noteRefusal(task, "Remote configuration", context);
  return failure(task, new ControlDeniedError("Remote configuration").message);
};
const refuseFiles: Handler = (task, context) =>
  jsonRefusal(task, "Reading and writing files", context);

/** Unknown ones, and the upgrade of a program that this is not, get no answer, as in the original. */
const HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [TASK_TYPE.httpGet, runProbeTask],
  [TASK_TYPE.icmpPing, runProbeTask],
  [TASK_TYPE.tcpPing, runProbeTask],
  [TASK_TYPE.command, runCommand],
  [
    TASK_TYPE.keepalive,
    ({ type }, { answersKeepalive }) =>
      answersKeepalive ? { ...EMPTY_TASK_RESULT, type } : undefined,
  ],
  [TASK_TYPE.terminal, stream],
  [TASK_TYPE.nat, stream],
  [TASK_TYPE.fileManager, stream],
  [TASK_TYPE.fsTransfer, stream],
  [
    TASK_TYPE.reportHostInfo,
    (_task, { reportHost }) => {
      reportHost();
      return undefined;
    },
  ],
  [TASK_TYPE.reportConfig, refuseSettings],
  [TASK_TYPE.applyConfig, refuseSettings],
  [TASK_TYPE.serverTransfer, refuseSettings],
  [TASK_TYPE.exec, (task, context) => jsonRefusal(task, "Running programs", context)],
  [TASK_TYPE.fsList, refuseFiles],
  [TASK_TYPE.fsRead, refuseFiles],
  [TASK_TYPE.fsWrite, refuseFiles],
  [TASK_TYPE.fsDelete, refuseFiles],
]);

/** Takes tasks as they come; each runs beside the others. */
export interface NezhaTaskRunner {
  take(task: NezhaTask): void;
}

export function createNezhaTaskRunner(context: NezhaTaskContext): NezhaTaskRunner {
  let running = 0;
  const run = async (task: NezhaTask): Promise<void> => {
    running += 1;
    try {
      const result =
        running > MAX_TASKS
          ? failure(task, new TooManyTasksError().message)
          : await HANDLERS.get(task.type)?.(task, context);
      if (result !== undefined && !isAborted(context.signal)) await context.reply(result);
    } catch (error) {
      if (error instanceof CancelledError || isAborted(context.signal)) return;
      context.log.debug({ err: error, task: task.id, type: task.type }, "task failed");
    } finally {
      running -= 1;
    }
  };
  return {
    take(task) {
      // Beyond the limit even refusals would pile up while the line is slow.
      if (running < MAX_TASKS * 2) void run(task);
    },
  };
}
