import { useSignal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { NodeDetail } from "../../../../protocol/fleet/nodes.ts";
import { Button } from "../../../components/button.tsx";
import { Icon } from "../../../components/icons.tsx";
import { Badge } from "../../../components/status.tsx";
import { Notice, attempt } from "../../../components/toast.tsx";
import { commonText } from "../../../i18n/common-text.ts";
import { fleetText } from "../../../i18n/fleet-text.ts";
import { formatDuration, formatTime } from "../../../lib/format.ts";
import { lazy } from "../../../lib/lazy.tsx";
import { followLink } from "../../../lib/router.ts";
import { may } from "../../../lib/session.ts";
import { EventList } from "../events.tsx";
import { ask } from "../fleet-api.ts";
import { fleet } from "../fleet-link.ts";
import type { NodeEntry } from "../fleet-state.ts";
import { AbsenceText, KvmMarks, PresenceDot, Tags, Warnings } from "../list/node-marks.tsx";
import { NodeHistory, RANGE_NAMES } from "./history.ts";
import { LiveFigures } from "./live-figures.tsx";
import { LoadCharts } from "./load-charts.tsx";
import { PingCharts } from "./ping-chart.tsx";
import { SHAPES } from "../shapes.ts";

/** What admins do on it, if it is allowed there. */
function Acts({ uuid }: { readonly uuid: string }): JSX.Element {
  const { t } = fleetText;
  return (
    <div class="row acts-row">
      <a class="button" href={`/fleet/nodes/${uuid}/terminal`} onClick={followLink}>
        <Icon name="terminal" />
        {t("node.terminal")}
      </a>
      <a class="button" href={`/fleet/nodes/${uuid}/commands`} onClick={followLink}>
        <Icon name="play" />
        {t("node.commands")}
      </a>
    </div>
  );
}

function Title({ entry }: { readonly entry: NodeEntry }): JSX.Element {
  const { t } = fleetText;
  const node = entry.node.value;
  const row = entry.row.value;
  return (
    <div class="stack">
      <a class="small" href="/fleet" onClick={followLink}>
        {t("node.back")}
      </a>
      <div class="row wrap">
        <PresenceDot row={row} />
        <h1>{node.name}</h1>
        <span class="region">{node.region}</span>
        {node.isHidden && <Badge>{t("node.hidden")}</Badge>}
        <Warnings node={node} row={row} />
        <Tags tags={node.tags} />
        <span class="muted">
          <AbsenceText row={row} />
        </span>
        {may("admin") && <Acts uuid={node.uuid} />}
      </div>
      {node.publicRemark !== "" && <p class="muted">{node.publicRemark}</p>}
      {node.kvm !== null && (
        <div class="row wrap card" role="group" aria-label={t("kvm.title")}>
          <h2>{t("kvm.title")}</h2>
          <KvmMarks kvm={node.kvm} />
          <span class="grow" />
          {node.kvm.consoleUrl !== "" && (
            <a class="button primary" href={node.kvm.consoleUrl}>
              {t("node.openConsole")}
            </a>
          )}
        </div>
      )}
    </div>
  );
}

function Ranges({ history }: { readonly history: NodeHistory }): JSX.Element {
  const { t } = fleetText;
  const { range, zoom, load } = history;
  const step = load.value?.stepMs ?? 0;
  return (
    <div class="row wrap" role="group" aria-label={t("chart.range")}>
      {RANGE_NAMES.map((name) => (
        <Button
          key={name}
          pressed={range.value === name && zoom.value === undefined}
          onClick={() => history.choose(name)}
        >
          {t(`chart.range.${name}`)}
        </Button>
      ))}
      {zoom.value !== undefined && (
        <Button icon="close" onClick={() => history.look(undefined)}>
          {t("chart.reset")}
        </Button>
      )}
      <span class="muted small">
        {step > 0 && `${t("chart.step", { duration: formatDuration(step / 1000, "long") })} `}
        {t("chart.hint")}
      </span>
    </div>
  );
}

type Line = readonly [string, string];

function factsOf({ node, facts, private: own, createdAt }: NodeDetail): readonly Line[] {
  const { t } = fleetText;
  const cpus = facts.cpus.length === 0 ? node.cpu : facts.cpus.join(", ");
  const lines: readonly Line[] = [
    [t("node.system"), facts.os],
    [t("node.kernel"), facts.kernel],
    [t("node.arch"), facts.arch],
    [t("node.virtualization"), facts.virtualization],
    [t("node.cpu"), cpus === "" ? "" : `${cpus} (${t("node.cores", { cores: node.cores })})`],
    [t("node.gpu"), facts.gpus.join(", ")],
    [t("node.address"), [own?.ipv4, own?.ipv6, own?.remoteAddress].filter(Boolean).join(", ")],
    [t("node.agent"), facts.agentVersion],
    [t("node.booted"), facts.bootTimeSeconds > 0 ? formatTime(facts.bootTimeSeconds * 1000) : ""],
    [t("node.known"), formatTime(createdAt, "date")],
    [t("node.remark"), own?.remark ?? ""],
  ];
  return lines.filter(([, text]) => text !== "");
}

function Facts({ detail }: { readonly detail: NodeDetail }): JSX.Element {
  return (
    <section class="card stack" aria-label={fleetText.t("node.facts")}>
      <h2>{fleetText.t("node.facts")}</h2>
      <dl class="facts">
        {factsOf(detail).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {detail.message !== "" && (
        <p class="muted">{fleetText.t("node.message", { text: detail.message })}</p>
      )}
    </section>
  );
}

function Past({ history }: { readonly history: NodeHistory }): JSX.Element {
  const { load, pings, problem } = history;
  return (
    <div class="stack">
      <Ranges history={history} />
      {problem.value !== "" && <Notice tone="bad">{problem.value}</Notice>}
      {load.value === undefined ? (
        problem.value === "" && <p class="muted">{commonText.t("loading")}</p>
      ) : (
        <LoadCharts load={load.value} history={history} />
      )}
      {pings.value !== undefined && <PingCharts pings={pings.value} history={history} />}
    </div>
  );
}

function Known({ entry }: EntryProps): JSX.Element {
  const { uuid } = entry.node.value;
  const history = useMemo(() => new NodeHistory(uuid), [uuid]);
  const detail = useSignal<NodeDetail | undefined>(undefined);
  useEffect(() => {
    history.start();
    attempt(async () => {
      detail.value = await ask("GET", `/nodes/${uuid}`, SHAPES.node);
    });
    return () => history.stop();
  }, [history]);
  return (
    <div class="node-page stack">
      <Title entry={entry} />
      <LiveFigures entry={entry} />
      <Past history={history} />
      {may("admin") && <RemoteControl entry={entry} />}
      {detail.value !== undefined && <Facts detail={detail.value} />}
      {may("viewer") && (
        <section class="stack" aria-label={fleetText.t("nav.events")}>
          <h2>{fleetText.t("nav.events")}</h2>
          <EventList key={uuid} path={`/nodes/${uuid}/events`} hasNodes={false} />
        </section>
      )}
    </div>
  );
}

interface EntryProps {
  readonly entry: NodeEntry;
}

const RemoteControl = lazy<EntryProps>(
  async () => (await import("../control/remote-control.tsx")).RemoteControl,
);

/** Pages below a node's, for admins. */
const PARTS: Readonly<Record<string, ComponentType<EntryProps>>> = {
  terminal: lazy<EntryProps>(
    async () => (await import("../control/node-terminal.tsx")).NodeTerminal,
  ),
  commands: lazy<EntryProps>(
    async () => (await import("../control/node-commands.tsx")).NodeCommands,
  ),
};

function partOf(name: string): ComponentType<EntryProps> | undefined {
  if (name === "") return Known;
  return may("admin") && Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
}

/** One node: what it does now, and what it did; or a part of its page. */
export function NodePage({
  uuid,
  part,
}: {
  readonly uuid: string;
  readonly part: string;
}): JSX.Element {
  const state = fleet();
  const entry = state.byUuid(uuid);
  const Part = partOf(part);
  if (Part === undefined) return <p class="empty">{commonText.t("notFound")}</p>;
  if (entry !== undefined) return <Part key={uuid} entry={entry} />;
  if (!state.isLoaded.value) return <p class="muted">{commonText.t("loading")}</p>;
  return (
    <div class="empty card">
      <p>{fleetText.t("node.missing")}</p>
      <a href="/fleet" onClick={followLink}>
        {fleetText.t("node.back")}
      </a>
    </div>
  );
}
