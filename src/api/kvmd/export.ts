/**
 * `/api/export/prometheus/metrics` (PiKVM API 4.10). Deliberately different from the original: the `online` series of
 * the GPIO channels say whether the channel is online, and metrics of our own (`farhand_*`) follow PiKVM's.
 */
import type { FastifyInstance } from "fastify";
import type { DeviceConfig } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Info } from "../../device/info/info.ts";
import { TEXT_TYPE } from "../../protocol/kvmd/envelope.ts";
import { encodeGauges, gaugesOf, metricName } from "../../protocol/prometheus/text.ts";
import type { Gauge, GaugeTree } from "../../protocol/prometheus/text.ts";
import { fanView, healthView } from "./info-view.ts";

export interface ExportedChannel {
  readonly online: boolean;
  readonly state: boolean;
}

export interface ExportRoutesOptions {
  readonly config: DeviceConfig["metrics"];
  readonly clock: Clock;
  readonly info: Pick<Info, "health" | "fan" | "refresh">;
  /** `power` is the power LED. */
  readonly atx: () => { readonly enabled: boolean; readonly power: boolean };
  readonly gpio: () => {
    readonly inputs: Readonly<Record<string, ExportedChannel>>;
    readonly outputs: Readonly<Record<string, ExportedChannel>>;
  };
  /** Values of our own; their names get the prefix `farhand`. */
  readonly own?: () => GaugeTree;
}

const CACHE_MS = 5000;
/** PiKVM's level of the tree that is not part of the metrics' names. */
const UNNAMED_LEVELS: ReadonlySet<string> = new Set(["parsed_flags"]);

function channelGauges(
  direction: "input" | "output",
  channels: Readonly<Record<string, ExportedChannel>>,
): Gauge[] {
  return Object.entries(channels)
    .filter(([channel]) => !channel.startsWith("__"))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([channel, { online, state }]) => {
      const name = metricName(channel);
      return [
        { name: `pikvm_gpio_${direction}_online_${name}`, value: online },
        { name: `pikvm_gpio_${direction}_state_${name}`, value: state },
      ];
    });
}

/** A name may appear once only; channels whose names differ in punctuation alone would clash. */
function withoutRepeats(gauges: readonly Gauge[]): Gauge[] {
  const names = new Set<string>();
  return gauges.filter(({ name }) => {
    const isNew = !names.has(name);
    names.add(name);
    return isNew;
  });
}

function collect({ info, atx, gpio, own }: ExportRoutesOptions): string {
  const { inputs, outputs } = gpio();
  const { enabled, power } = atx();
  return encodeGauges(
    withoutRepeats([
      ...gaugesOf("pikvm_atx", { enabled, power }),
      ...channelGauges("input", inputs),
      ...channelGauges("output", outputs),
      ...gaugesOf("pikvm_hw", healthView(info.health.value), UNNAMED_LEVELS),
      ...gaugesOf("pikvm_fan", fanView(info.fan.value)),
      ...(own === undefined ? [] : gaugesOf("farhand", own())),
    ]),
  );
}

/** Declares the route, relative to the dialect's prefix. */
export function exportRoutes(app: FastifyInstance, options: ExportRoutesOptions): void {
  const { config, clock, info } = options;
  let text = "";
  let freshUntil = Number.NEGATIVE_INFINITY;
  app.route({
    method: "GET",
    url: "/export/prometheus/metrics",
    config: { access: config.requireAuth ? "viewer" : "public" },
    async handler(_request, reply) {
      if (clock.monotonic() >= freshUntil) {
        await info.refresh();
        text = collect(options);
        freshUntil = clock.monotonic() + CACHE_MS;
      }
      return reply.type(TEXT_TYPE).send(text);
    },
  });
}
