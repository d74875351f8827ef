import type { JSX } from "preact";
import { Badge, Progress } from "../../../components/status.tsx";
import { Notice } from "../../../components/toast.tsx";
import type { Tone } from "../../../components/toast.tsx";
import { controlText } from "../../../i18n/fleet-control-text.ts";
import { formatDuration, formatTime } from "../../../lib/format.ts";
import { fleet } from "../fleet-link.ts";
import { countOutcomes, failureOf, stateOf } from "./outcomes.ts";
import type { Outcome, OutcomeState } from "./outcomes.ts";
import type { RunFollower } from "./run-follower.ts";

const TONES: Readonly<Record<OutcomeState, Tone | undefined>> = {
  running: "info",
  done: "ok",
  failed: "bad",
  notRun: "bad",
  answered: undefined,
};
/** So long without an answer is told, with what may be the reason. */
const SLOW_MS = 20_000;
/** With more nodes than these the outputs are closed at first. */
const OPEN_AT_FIRST = 5;

function StateBadge({ outcome }: { readonly outcome: Outcome }): JSX.Element {
  const { t } = controlText;
  const state = stateOf(outcome);
  const text =
    state === "failed"
      ? t("command.doneCode", { code: outcome.exitCode ?? "" })
      : t(`command.${state}`);
  return <Badge tone={TONES[state]}>{text}</Badge>;
}

function outputText(outcome: Outcome): string {
  const { t } = controlText;
  const failure = failureOf(outcome);
  if (failure !== undefined) return t(`failure.${failure}`);
  return outcome.output === "" ? t("command.noOutput") : outcome.output;
}

function OutcomeItem({
  outcome,
  startedAt,
  isOpen,
}: {
  readonly outcome: Outcome;
  readonly startedAt: number;
  readonly isOpen: boolean;
}): JSX.Element {
  const { t } = controlText;
  const { node, finishedAt } = outcome;
  const name = fleet().byId(node)?.node.value.name ?? t("command.gone", { id: node });
  const seconds = finishedAt === null ? 0 : Math.round((finishedAt - startedAt) / 1000);
  return (
    <li class="outcome">
      <details open={isOpen}>
        <summary>
          <strong>{name}</strong> <StateBadge outcome={outcome} />{" "}
          {seconds > 0 && (
            <span class="muted small">
              {t("command.took", { duration: formatDuration(seconds, "long") })}
            </span>
          )}
        </summary>
        {finishedAt !== null && (
          <pre class="output" role="group" tabIndex={0} aria-label={name}>
            {outputText(outcome)}
          </pre>
        )}
      </details>
    </li>
  );
}

/** A command, and what came of it on each node. */
export function RunView({ follower }: { readonly follower: RunFollower }): JSX.Element {
  const { t } = controlText;
  const { command, user, startedAt, outcomes } = follower.run.value;
  const { running } = countOutcomes(follower.run.value);
  const done = outcomes.length - running;
  const waitedMs = fleet().at.value - startedAt;
  const progress = t("command.progress", { done, all: outcomes.length });
  return (
    <section class="card stack" aria-label={t("command.outcome")}>
      <pre class="output">{command}</pre>
      <div class="row wrap">
        <span class="muted small grow">
          {t("command.by", { user, time: formatTime(startedAt) })}
        </span>
        <span role="status">{progress}</span>
      </div>
      {running > 0 && <Progress value={done / outcomes.length} label={progress} />}
      {follower.problem.value !== "" && <Notice tone="bad">{follower.problem.value}</Notice>}
      {running > 0 && waitedMs > SLOW_MS && (
        <Notice tone="warn">
          <p>
            {t("command.slow", {
              count: running,
              duration: formatDuration(Math.floor(waitedMs / 10_000) * 10, "long"),
            })}
          </p>
          <p class="small">{t("control.agents")}</p>
        </Notice>
      )}
      <ul class="stack">
        {outcomes.map((outcome) => (
          <OutcomeItem
            key={outcome.node}
            outcome={outcome}
            startedAt={startedAt}
            isOpen={outcomes.length <= OPEN_AT_FIRST}
          />
        ))}
      </ul>
    </section>
  );
}
