import type { JSX } from "preact";
import type { FleetNode, LiveRow } from "../../../../protocol/fleet/live.ts";
import { fleetText } from "../../../i18n/fleet-text.ts";
import {
  formatBytes,
  formatDuration,
  formatNumber,
  formatPercent,
  formatRate,
} from "../../../lib/format.ts";
import type { NodeEntry } from "../fleet-state.ts";
import { figure, sharesOf } from "../list/arrange.ts";
import { Meter } from "../list/meter.tsx";

interface Tile {
  readonly name: string;
  readonly value: string;
  readonly detail: string;
  /** From 0 to 1, where there is a limit. */
  readonly share?: number;
}

const CYCLES: Readonly<
  Record<FleetNode["trafficLimitType"], (received: number, sent: number) => number>
> = {
  sum: (received, sent) => received + sent,
  max: Math.max,
  min: Math.min,
  up: (_received, sent) => sent,
  down: (received) => received,
};

function traffic(node: FleetNode, row: LiveRow): Tile {
  const { t } = fleetText;
  const down = figure(row, "receivedBytes");
  const up = figure(row, "sentBytes");
  if (node.trafficLimitBytes <= 0) {
    const value = `↓ ${formatBytes(down)}`;
    return { name: t("node.traffic"), value, detail: `↑ ${formatBytes(up)}` };
  }
  const used = CYCLES[node.trafficLimitType](
    figure(row, "cycleReceivedBytes"),
    figure(row, "cycleSentBytes"),
  );
  const share = used / node.trafficLimitBytes;
  const detail = t("node.trafficOf", {
    used: formatBytes(used),
    limit: formatBytes(node.trafficLimitBytes),
  });
  return { name: t("node.traffic"), value: formatPercent(share), detail, share };
}

function tilesOf(node: FleetNode, row: LiveRow): readonly Tile[] {
  const { t } = fleetText;
  const { cpu, memory, disk } = sharesOf(node, row);
  const used = (bytes: number, total: number): string =>
    `${formatBytes(bytes)} / ${formatBytes(total)}`;
  const celsius = figure(row, "temperatureCelsius");
  return [
    { name: t("node.cpu"), value: formatPercent(cpu, 1), detail: node.cpu, share: cpu },
    {
      name: t("node.memory"),
      value: formatPercent(memory),
      detail: used(figure(row, "memoryUsedBytes"), node.memoryTotalBytes),
      share: memory,
    },
    {
      name: t("node.disk"),
      value: formatPercent(disk),
      detail: used(figure(row, "diskUsedBytes"), node.diskTotalBytes),
      share: disk,
    },
    {
      name: t("node.network"),
      value: `↓ ${formatRate(figure(row, "receivedBytesPerSecond"))}`,
      detail: `↑ ${formatRate(figure(row, "sentBytesPerSecond"))}`,
    },
    traffic(node, row),
    {
      name: t("node.load"),
      value: formatNumber(figure(row, "load1"), 2),
      detail: node.cores > 0 ? t("node.cores", { cores: node.cores }) : "\u00A0",
    },
    {
      name: t("node.temperature"),
      value: celsius > 0 ? `${formatNumber(celsius, 1)} °C` : "–",
      detail: "\u00A0",
    },
    {
      name: t("node.uptime"),
      value: formatDuration(figure(row, "uptimeSeconds")),
      detail: `${t("node.processes")} ${formatNumber(figure(row, "processCount"))}`,
    },
  ];
}

/** What a node does at this moment. */
export function LiveFigures({ entry }: { readonly entry: NodeEntry }): JSX.Element {
  return (
    <dl class="tiles">
      {tilesOf(entry.node.value, entry.row.value).map(({ name, value, detail, share }) => (
        <div key={name} class="card tile">
          <dt>{name}</dt>
          <dd>
            <strong>{value}</strong>
            <span class="muted small cut" title={detail}>
              {detail}
            </span>
            {share !== undefined && <Meter label={name} share={share} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}
