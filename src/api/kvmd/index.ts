/** The PiKVM dialect (PiKVM API 4), registered with the prefix `/api`: every resource has a file of its own. */
import type { FastifyInstance } from "fastify";
import { speakDialect } from "../../http/dialect.ts";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Unsubscribe } from "../../core/store.ts";
import type { Device } from "../../device/device.ts";
import type { Auth } from "../../http/auth/auth.ts";
import type { Journal } from "../../platform/journal/port.ts";
import type { ProcessRunner } from "../../platform/process/port.ts";
import type { RemoteFiles } from "../../platform/storage/remote/port.ts";
import { atxRoutes, atxSource } from "./atx.ts";
import { authRoutes } from "./auth.ts";
import { installKvmdErrors } from "./errors.ts";
import { exportRoutes } from "./export.ts";
import { gpioRoutes, gpioSource } from "./gpio.ts";
import { hidRoutes, hidSource } from "./hid.ts";
import { infoRoutes, infoSource } from "./info.ts";
import { logRoutes } from "./log.ts";
import { msdRoutes } from "./msd.ts";
import { msdSource } from "./msd-view.ts";
import { switchRoutes, switchSource } from "./switch.ts";
import { mediaRoutes } from "./media.ts";
import type { StreamViewers } from "./stream-viewers.ts";
import { ocrSource, streamerRoutes, streamerSource } from "./streamer.ts";
import { wsRoutes } from "./ws.ts";
import { WsPresence } from "./ws-presence.ts";

export interface KvmdApiOptions {
  readonly device: Device;
  readonly auth: Auth;
  readonly journal: Journal;
  /** Readers of the picture stream, which has paths outside the prefix. */
  readonly viewers: StreamViewers;
  readonly process: ProcessRunner;
  readonly remoteFiles: RemoteFiles;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the metrics are made of, besides the board's health. */
function exportedFrom({ hid, atx, gpio }: Device) {
  return {
    atx: () => ({ enabled: atx.state.value.enabled, power: atx.state.value.leds.power }),
    gpio: () => gpio.state.value,
    own: () => ({ hid: { online: hid.state.value.online, busy: hid.state.value.busy } }),
  };
}

/** Holds on to something while there is anybody. */
function whileAny(hold: () => Unsubscribe): (count: number) => void {
  let release: Unsubscribe | undefined;
  return (count) => {
    if (count > 0) {
      release ??= hold();
      return;
    }
    release?.();
    release = undefined;
  };
}

/** Declares every route of the dialect. Errors and misses below the prefix answer as PiKVM does. */
export function kvmdApi(app: FastifyInstance, options: KvmdApiOptions, done: () => void): void {
  speakDialect(app, "kvmd");
  const { device, auth, config, clock, log, journal } = options;
  const { hid, atx, gpio, info, msd, multiport } = device;
  installKvmdErrors(app);
  authRoutes(app, { auth, config: config.http });
  infoRoutes(app, { info });
  logRoutes(app, { journal, config: config.device.log });
  atxRoutes(app, { atx });
  gpioRoutes(app, { gpio });
  const presence = new WsPresence(clock);
  hidRoutes(app, { hid, presence });
  const video = { streamer: device.streamer, viewers: options.viewers };
  streamerRoutes(app, video);
  mediaRoutes(app, video);
  const { process, remoteFiles } = options;
  msdRoutes(app, { msd, remoteFiles, process, clock });
  switchRoutes(app, { multiport });
  exportRoutes(app, { config: config.device.metrics, clock, info, ...exportedFrom(device) });
  const sources = [
    gpioSource(gpio),
    atxSource(atx),
    infoSource(info),
    hidSource(hid),
    msdSource(msd),
    switchSource(multiport),
    streamerSource(video),
    ocrSource(device.streamer),
  ];
  const onViewersChanged = whileAny(() => device.streamer.want());
  const { renewals } = device;
  wsRoutes(app, { sources, renewals, hid, presence, clock, log, onViewersChanged });
  done();
}
