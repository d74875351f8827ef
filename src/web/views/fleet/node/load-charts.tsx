import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { LoadColumn, LoadHistory } from "../../../../protocol/fleet/history.ts";
import type { FleetKey } from "../../../i18n/en/fleet.ts";
import { fleetText } from "../../../i18n/fleet-text.ts";
import { language } from "../../../i18n/language.ts";
import { formatBytes, formatNumber, formatRate } from "../../../lib/format.ts";
import { Chart } from "./chart.tsx";
import type { Curve } from "./chart.tsx";
import type { NodeHistory } from "./history.ts";

interface CurveOf {
  readonly name: FleetKey;
  readonly column: LoadColumn;
  readonly color: Curve["color"];
  /** Left out where the node never had any. */
  readonly isOptional?: boolean;
}

interface ChartOf {
  readonly title: FleetKey;
  readonly curves: readonly CurveOf[];
  readonly format: (value: number) => string;
  readonly isBinary?: boolean;
  readonly top?: number;
  /** Highest value that there can be: that of this column. */
  readonly topColumn?: LoadColumn;
}

const percent = (value: number): string =>
  `${formatNumber(value, value < 10 && value > 0 ? 1 : 0)} %`;
const count = (value: number): string => formatNumber(value);

const CHARTS: readonly ChartOf[] = [
  {
    title: "chart.cpu",
    top: 100,
    format: percent,
    curves: [
      { name: "series.cpu", column: "cpuPercent", color: "c1" },
      { name: "series.gpu", column: "gpuPercent", color: "c2", isOptional: true },
    ],
  },
  {
    title: "chart.memory",
    topColumn: "memoryTotalBytes",
    format: formatBytes,
    isBinary: true,
    curves: [
      { name: "series.used", column: "memoryUsedBytes", color: "c1" },
      { name: "series.swap", column: "swapUsedBytes", color: "c2", isOptional: true },
    ],
  },
  {
    title: "chart.network",
    format: formatRate,
    isBinary: true,
    curves: [
      { name: "series.received", column: "receivedBytesPerSecond", color: "c1" },
      { name: "series.sent", column: "sentBytesPerSecond", color: "c3" },
    ],
  },
  {
    title: "chart.disk",
    topColumn: "diskTotalBytes",
    format: formatBytes,
    isBinary: true,
    curves: [{ name: "series.used", column: "diskUsedBytes", color: "c1" }],
  },
  {
    title: "chart.load",
    format: (value) => formatNumber(value, 2),
    curves: [{ name: "series.load", column: "load1", color: "c1" }],
  },
  {
    title: "chart.temperature",
    format: (value) => `${formatNumber(value, 1)} °C`,
    curves: [
      { name: "series.temperature", column: "temperatureCelsius", color: "c5", isOptional: true },
    ],
  },
  {
    title: "chart.connections",
    format: count,
    curves: [
      { name: "series.tcp", column: "tcpConnections", color: "c1" },
      { name: "series.udp", column: "udpConnections", color: "c3" },
      { name: "series.processes", column: "processCount", color: "c4" },
    ],
  },
];

const hasAny = (values: readonly number[]): boolean => values.some((value) => value !== 0);

function curvesOf({ curves }: ChartOf, load: LoadHistory): readonly Curve[] {
  return curves
    .filter(({ column, isOptional }) => isOptional !== true || hasAny(load.columns[column]))
    .map(({ name, column, color }) => ({
      name: fleetText.t(name),
      color,
      values: load.columns[column],
    }));
}

/** Processor, memory, network and the rest, over the same period and with one cursor. */
export function LoadCharts({
  load,
  history,
}: {
  readonly load: LoadHistory;
  readonly history: NodeHistory;
}): JSX.Element {
  const words = language.value;
  // Charts are drawn anew when they are given others.
  const shown = useMemo(
    () => CHARTS.map((chart) => ({ chart, curves: curvesOf(chart, load) })),
    [load, words],
  );
  if (load.at.length === 0) return <p class="empty card">{fleetText.t("chart.empty")}</p>;
  return (
    <div class="charts">
      {shown
        .filter(({ curves }) => curves.length > 0)
        .map(({ chart, curves }) => (
          <Chart
            key={chart.title}
            title={fleetText.t(chart.title)}
            at={load.at}
            curves={curves}
            from={load.from / 1000}
            to={load.to / 1000}
            gapSeconds={(load.stepMs / 1000) * 2.5}
            format={chart.format}
            isBinary={chart.isBinary}
            top={chart.top ?? topOf(chart, load)}
            onZoom={(from, to) => history.look({ from: from * 1000, to: to * 1000 })}
            onReset={() => history.look(undefined)}
          />
        ))}
    </div>
  );
}

function topOf({ topColumn }: ChartOf, load: LoadHistory): number | undefined {
  if (topColumn === undefined) return undefined;
  const most = load.columns[topColumn].reduce((top, value) => Math.max(top, value), 0);
  return most > 0 ? most : undefined;
}
