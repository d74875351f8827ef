/** Messages to the service manager in the form of sd_notify(3). */
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { ProcessRunner } from "../process/port.ts";
import { openUnixDatagram } from "./datagram.ts";
import type { UnixDatagramSocket } from "./datagram.ts";
import type { ServiceNotifier } from "./port.ts";

export interface ServiceNotifierOptions {
  /** NOTIFY_SOCKET of the environment; undefined when not started by a service manager. */
  readonly notifySocket: string | undefined;
  /** WATCHDOG_USEC of the environment. */
  readonly watchdogUsec?: string | undefined;
  /** For the program `systemd-notify`, where datagrams cannot be sent. */
  readonly process: ProcessRunner;
  readonly log: Logger;
  /** Replaced in tests. */
  readonly openSocket?: (name: string) => Promise<UnixDatagramSocket>;
}

const SILENT: ServiceNotifier = {
  ready: () => undefined,
  stopping: () => undefined,
  status: () => undefined,
  watchdogMs: undefined,
  alive: () => undefined,
};

function watchdogMsOf(text: string | undefined): number | undefined {
  const microseconds = Number(text ?? Number.NaN);
  return microseconds > 0 && Number.isFinite(microseconds) ? microseconds / 1000 : undefined;
}

type Channel = (message: string, isEssential: boolean) => void;

/**
 * Without datagrams only what systemd waits for is worth a process. Nothing could feed the watchdog then, so it is
 * switched off: a working service must not be killed for a missing package.
 */
function programChannel({ process, log }: ServiceNotifierOptions, notifySocket: string): Channel {
  return (message, isEssential) => {
    if (!isEssential) return;
    process
      .run("systemd-notify", [...message.split("\n"), "WATCHDOG_USEC=0"], {
        env: { NOTIFY_SOCKET: notifySocket },
      })
      .catch((error: unknown) => {
        log.warn({ reason: describeError(error) }, "service manager could not be notified");
      });
  };
}

function socketChannel(socket: UnixDatagramSocket, log: Logger): Channel {
  return (message) => {
    if (!socket.send(message)) log.debug({ message }, "service manager did not take a message");
  };
}

async function openChannel(options: ServiceNotifierOptions, name: string): Promise<Channel> {
  const { openSocket = openUnixDatagram } = options;
  try {
    return socketChannel(await openSocket(name), options.log);
  } catch (error) {
    options.log.info(
      { reason: describeError(error) },
      "service manager is told about start and stop only",
    );
    return programChannel(options, name);
  }
}

/** One line: newlines would begin another assignment. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/** Messages go out in order, from the moment the way to the service manager is found; none of them ever fails. */
export function createServiceNotifier(options: ServiceNotifierOptions): ServiceNotifier {
  const { notifySocket } = options;
  if (notifySocket === undefined || notifySocket === "") return SILENT;
  let channel: Channel | undefined;
  const early: { readonly message: string; readonly isEssential: boolean }[] = [];
  void openChannel(options, notifySocket).then((opened) => {
    channel = opened;
    for (const { message, isEssential } of early.splice(0)) opened(message, isEssential);
  });
  const send = (message: string, isEssential: boolean): void => {
    if (channel === undefined) early.push({ message, isEssential });
    else channel(message, isEssential);
  };
  return {
    ready() {
      send("READY=1", true);
    },
    stopping() {
      send("STOPPING=1", true);
    },
    status(text) {
      send(`STATUS=${oneLine(text)}`, false);
    },
    watchdogMs: watchdogMsOf(options.watchdogUsec),
    alive() {
      send("WATCHDOG=1", false);
    },
  };
}
