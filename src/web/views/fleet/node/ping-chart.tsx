import { useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { PingCurve, PingHistory } from "../../../../protocol/fleet/history.ts";
import { fleetText } from "../../../i18n/fleet-text.ts";
import { formatNumber } from "../../../lib/format.ts";
import { Chart } from "./chart.tsx";
import type { Curve } from "./chart.tsx";
import type { NodeHistory } from "./history.ts";

const COLORS = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"] as const;
const colorAt = (index: number): Curve["color"] => COLORS[index % COLORS.length] ?? "c1";
const milliseconds = (value: number): string => `${formatNumber(value, value < 10 ? 1 : 0)} ms`;
const percent = (value: number): string => `${formatNumber(value, value < 10 ? 1 : 0)} %`;

type ValueOf = (task: PingCurve, index: number) => number | null;

/** Curves of several tasks on one axis of time. */
function aligned(
  tasks: readonly PingCurve[],
  hidden: ReadonlySet<number>,
  valueOf: ValueOf,
): { readonly at: readonly number[]; readonly curves: readonly Curve[] } {
  const at = [...new Set(tasks.flatMap((task) => task.at))].toSorted((a, b) => a - b);
  const places = new Map(at.map((time, place) => [time, place]));
  const curves = tasks.map((task, order) => {
    const values: (number | null)[] = Array.from({ length: at.length }, () => null);
    for (const [index, time] of task.at.entries()) {
      values[places.get(time) ?? 0] = valueOf(task, index);
    }
    return { name: task.name, color: colorAt(order), values, isHidden: hidden.has(task.task) };
  });
  return { at, curves };
}

const lossAt: ValueOf = (task, index) => {
  const sent = task.sent[index] ?? 0;
  return sent === 0 ? null : ((task.lost[index] ?? 0) / sent) * 100;
};

function TaskChoice({
  tasks,
  hidden,
}: {
  readonly tasks: readonly PingCurve[];
  readonly hidden: Signal<ReadonlySet<number>>;
}): JSX.Element {
  const { t } = fleetText;
  const toggle = (task: number): void => {
    const next = new Set(hidden.value);
    if (!next.delete(task)) next.add(task);
    hidden.value = next;
  };
  return (
    <fieldset class="row wrap">
      <legend class="unseen">{t("chart.tasks")}</legend>
      {tasks.map((task, index) => (
        <label key={task.task} class={`chip ${colorAt(index)}`}>
          <input
            type="checkbox"
            checked={!hidden.value.has(task.task)}
            onChange={() => toggle(task.task)}
          />
          {task.name}
          <span class="muted small">{t("chart.lossOf", { loss: percent(task.lossPercent) })}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Round trips and losses to the targets of the ping tasks. */
export function PingCharts({
  pings,
  history,
}: {
  readonly pings: PingHistory;
  readonly history: NodeHistory;
}): JSX.Element | null {
  const { t } = fleetText;
  const hidden = useSignal<ReadonlySet<number>>(new Set());
  const { tasks } = pings;
  const off = hidden.value;
  const curvesBy = (valueOf: ValueOf) => aligned(tasks, off, valueOf);
  const means = useMemo(() => curvesBy((task, index) => task.meanMs[index] ?? null), [pings, off]);
  const losses = useMemo(() => curvesBy(lossAt), [pings, off]);
  if (tasks.length === 0) return null;
  const shared = {
    from: pings.from / 1000,
    to: pings.to / 1000,
    gapSeconds: Math.max(120, (pings.stepMs / 1000) * 3),
    onZoom: (from: number, to: number) => history.look({ from: from * 1000, to: to * 1000 }),
    onReset: () => history.look(undefined),
  };
  return (
    <section class="stack" aria-label={t("chart.ping")}>
      <h2>{t("chart.ping")}</h2>
      <TaskChoice tasks={tasks} hidden={hidden} />
      <div class="charts">
        <Chart title={t("chart.ping")} {...means} format={milliseconds} {...shared} />
        <Chart title={t("chart.loss")} {...losses} format={percent} {...shared} />
      </div>
    </section>
  );
}
