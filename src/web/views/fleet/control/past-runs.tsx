import type { JSX } from "preact";
import type { CommandRunView } from "../../../../protocol/fleet/admin.ts";
import { Button } from "../../../components/button.tsx";
import { ProblemNotice } from "../../../components/problem-notice.tsx";
import { Badge } from "../../../components/status.tsx";
import { Table } from "../../../components/table.tsx";
import type { Column } from "../../../components/table.tsx";
import { controlText } from "../../../i18n/fleet-control-text.ts";
import { formatTime } from "../../../lib/format.ts";
import type { Resource } from "../../../lib/resource.ts";
import { countOutcomes } from "./outcomes.ts";

function Sum({ run }: { readonly run: CommandRunView }): JSX.Element {
  const { t } = controlText;
  const { done, failed, running } = countOutcomes(run);
  return (
    <span class="row wrap">
      {running > 0 && <Badge tone="info">{t("command.sumRunning", { count: running })}</Badge>}
      {failed > 0 && <Badge tone="bad">{t("command.sumFailed", { count: failed })}</Badge>}
      {done > 0 && <Badge tone="ok">{t("command.sumDone", { count: done })}</Badge>}
    </span>
  );
}

function columnsOf(onShow: (run: CommandRunView) => void): readonly Column<CommandRunView>[] {
  const { t } = controlText;
  return [
    {
      id: "time",
      title: t("command.time"),
      cell: ({ startedAt }: CommandRunView) => formatTime(startedAt),
    },
    { id: "user", title: t("command.user"), cell: ({ user }: CommandRunView) => user },
    {
      id: "command",
      title: t("command.text"),
      cell: ({ command }: CommandRunView) => <code class="cut shown-command">{command}</code>,
    },
    {
      id: "state",
      title: t("command.state"),
      cell: (run: CommandRunView) => <Sum run={run} />,
    },
    {
      id: "show",
      title: t("command.show"),
      hideTitle: true,
      cell: (run: CommandRunView) => (
        <div class="row end">
          <Button onClick={() => onShow(run)}>
            {t("command.show")}
            <span class="unseen">{run.command.slice(0, 80)}</span>
          </Button>
        </div>
      ),
    },
  ];
}

/** What was run before, newest first. */
export function PastRuns({
  runs,
  node,
  onShow,
}: {
  readonly runs: Resource<readonly CommandRunView[]>;
  /** Only those that ran on this node; undefined: all. */
  readonly node: number | undefined;
  readonly onShow: (run: CommandRunView) => void;
}): JSX.Element {
  const { t } = controlText;
  const all = runs.value.value ?? [];
  const shown =
    node === undefined
      ? all
      : all.filter(({ outcomes }) => outcomes.some((outcome) => outcome.node === node));
  return (
    <section class="stack" aria-label={t("command.past")}>
      <h2>{t("command.past")}</h2>
      <ProblemNotice problem={runs.problem.value} onRetry={runs.reload} />
      <Table
        caption={t("command.past")}
        columns={columnsOf(onShow)}
        rows={shown}
        keyOf={({ id }) => id}
        empty={t("command.none")}
      />
    </section>
  );
}
