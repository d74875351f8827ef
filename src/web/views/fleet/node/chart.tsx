import "uplot/dist/uPlot.min.css";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";
import { fleetText } from "../../../i18n/fleet-text.ts";
import { language } from "../../../i18n/language.ts";
import { theme } from "../../../lib/theme.ts";

export interface Curve {
  readonly name: string;
  /** A color of the theme, without `--`. */
  readonly color: "c1" | "c2" | "c3" | "c4" | "c5" | "c6" | "c7" | "c8";
  readonly values: readonly (number | null)[];
  readonly isHidden?: boolean | undefined;
}

export interface ChartProps {
  readonly title: string;
  /** Epoch seconds, ascending, one for each value of every curve. */
  readonly at: readonly number[];
  readonly curves: readonly Curve[];
  /** Ends of the period that is shown, epoch seconds. */
  readonly from: number;
  readonly to: number;
  /** Figures farther apart than this are not joined, seconds. */
  readonly gapSeconds: number;
  readonly format: (value: number) => string;
  /** Figures are bytes: the axis goes in powers of two. */
  readonly isBinary?: boolean | undefined;
  /** Highest value where it is known: percent end at 100. */
  readonly top?: number | undefined;
  /** The visitor has chosen a part of the period. */
  readonly onZoom: (from: number, to: number) => void;
  readonly onReset: () => void;
}

const HEIGHT = 168;
const FEW_POINTS = 8;
/** All charts of the page show the same moment under the pointer. */
const SYNC = UPlot.sync("fleet-node");

function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** A hole in the time is a hole in the curve. */
function withGaps({ at, curves, gapSeconds }: ChartProps): UPlot.AlignedData {
  const times: number[] = [];
  const columns = curves.map((): (number | null)[] => []);
  let before: number | undefined;
  for (const [index, time] of at.entries()) {
    if (before !== undefined && time - before > gapSeconds) {
      times.push(before + 1);
      for (const column of columns) column.push(null);
    }
    times.push(time);
    for (const [place, column] of columns.entries()) {
      column.push(curves[place]?.values[index] ?? null);
    }
    before = time;
  }
  return [times, ...columns];
}

function seriesOf(curve: Curve, { format, at }: ChartProps): UPlot.Series {
  const isSparse = at.length < FEW_POINTS;
  const color = colorOf(curve.color);
  return {
    label: curve.name,
    show: curve.isHidden !== true,
    stroke: color,
    width: 1.5,
    ...(curve.color === "c1" ? { fill: `${color}22` } : {}),
    // A figure without neighbors would not be seen.
    points: { show: isSparse, size: 5 },
    value: (_plot, value: number | null) => (value === null ? "–" : format(value)),
  };
}

const BINARY_STEPS = Array.from({ length: 60 }, (_, power) => 2 ** power);
const DAY_SECONDS = 86_400;

/** Clock times, and the day where it is another one than before. */
function timeLabels(splits: readonly number[], step: number): string[] {
  const clock = new Intl.DateTimeFormat(language.value, { hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(language.value, { month: "short", day: "numeric" });
  let before = "";
  return splits.map((seconds) => {
    const date = day.format(seconds * 1000);
    const isNewDay = date !== before;
    before = date;
    if (step >= DAY_SECONDS) return date;
    const time = clock.format(seconds * 1000);
    return isNewDay ? `${time}\n${date}` : time;
  });
}

function axesOf({ format, isBinary = false }: ChartProps): UPlot.Axis[] {
  const shared: UPlot.Axis = {
    stroke: colorOf("text-3"),
    grid: { stroke: colorOf("line"), width: 1 },
    ticks: { show: false },
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
  };
  return [
    {
      ...shared,
      space: 80,
      size: 40,
      values: (...[, splits, , , step]) => timeLabels(splits, step),
    },
    {
      ...shared,
      size: 72,
      space: 36,
      values: (_plot, splits) => splits.map(format),
      ...(isBinary ? { incrs: BINARY_STEPS } : {}),
    },
  ];
}

/** Times in the words of the chosen language. */
function timeText(seconds: number): string {
  return new Intl.DateTimeFormat(language.value, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(seconds * 1000);
}

function optionsOf(props: ChartProps, width: number): UPlot.Options {
  const { curves, from, to, top, onZoom } = props;
  return {
    width,
    height: HEIGHT,
    cursor: {
      sync: { key: SYNC.key, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
    },
    legend: { live: true },
    scales: {
      x: { time: true, range: [from, to] },
      y: {
        range: (_plot, _min, max: number | null) => [0, top ?? Math.max(1e-9, (max ?? 1) * 1.08)],
      },
    },
    axes: axesOf(props),
    series: [
      {
        label: fleetText.t("event.time"),
        value: (_plot, value: number | null) => (value === null ? "–" : timeText(value)),
      },
      ...curves.map((curve) => seriesOf(curve, props)),
    ],
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width: chosen } = plot.select;
          if (chosen < 8) return;
          onZoom(plot.posToVal(left, "x"), plot.posToVal(left + chosen, "x"));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Curves over time. Drawn anew when anything about it changes: that happens once a minute. */
export function Chart(props: ChartProps): JSX.Element {
  const { title, curves, onReset } = props;
  const frame = useRef<HTMLDivElement>(null);
  const shownTheme = theme.value;
  const shownLanguage = language.value;
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const plot = new UPlot(optionsOf(props, element.clientWidth), withGaps(props), element);
    const observer = new ResizeObserver(() => {
      plot.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [props.at, props.curves, props.from, props.to, shownTheme, shownLanguage]);
  return (
    <section class="chart" aria-label={title}>
      <h3>{title}</h3>
      <div ref={frame} class="plot" role="img" aria-label={summaryOf(props)} onDblClick={onReset} />
      {curves.length === 0 && <span />}
    </section>
  );
}

/** What a screen reader says: the newest figure of each curve. */
function summaryOf({ title, curves, format }: ChartProps): string {
  const words = curves.map(({ name, values }) => {
    const newest = values.findLast((value) => value !== null);
    return `${name}: ${newest === undefined ? "–" : format(newest)}`;
  });
  return [title, ...words].join(", ");
}
