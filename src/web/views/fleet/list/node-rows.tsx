import type { JSX } from "preact";
import { Icon } from "../../../components/icons.tsx";
import { WindowGrid } from "../../../components/window-grid.tsx";
import { fleetText } from "../../../i18n/fleet-text.ts";
import type { FleetKey } from "../../../i18n/en/fleet.ts";
import { formatDuration, formatNumber, formatRate } from "../../../lib/format.ts";
import { followLink } from "../../../lib/router.ts";
import { presenceOf } from "../fleet-state.ts";
import type { NodeEntry } from "../fleet-state.ts";
import { figure, sharesOf } from "./arrange.ts";
import type { Arrangement, SortKey } from "./arrange.ts";
import { Meter } from "./meter.tsx";
import { AbsenceText, KvmMarks, PresenceDot, Tags, Warnings } from "./node-marks.tsx";

const ROW_HEIGHT = 40;

/** Columns in their order; the wide ones go first where there is little room. */
const COLUMNS: readonly {
  readonly id: string;
  readonly title: FleetKey;
  readonly sort?: SortKey;
}[] = [
  { id: "name", title: "node.name", sort: "name" },
  { id: "system", title: "node.system" },
  { id: "cpu", title: "node.cpu", sort: "cpu" },
  { id: "memory", title: "node.memory", sort: "memory" },
  { id: "disk", title: "node.disk", sort: "disk" },
  { id: "network", title: "node.network", sort: "network" },
  { id: "temperature", title: "node.temperature", sort: "temperature" },
  { id: "uptime", title: "node.uptime", sort: "uptime" },
  { id: "marks", title: "node.state", sort: "worst" },
];

function Header({
  column,
  how,
  onSort,
}: {
  readonly column: (typeof COLUMNS)[number];
  readonly how: Arrangement;
  readonly onSort: (key: SortKey) => void;
}): JSX.Element {
  const { id, title, sort } = column;
  const isSorted = sort !== undefined && how.sortBy === sort;
  const direction = how.isDescending ? "descending" : "ascending";
  return (
    <div class={id} role="columnheader" aria-sort={isSorted ? direction : undefined}>
      {sort === undefined ? (
        fleetText.t(title)
      ) : (
        <button type="button" onClick={() => onSort(sort)}>
          {fleetText.t(title)}
          {isSorted && <Icon name={how.isDescending ? "arrowDown" : "arrowUp"} />}
        </button>
      )}
    </div>
  );
}

function LiveCells({ entry }: { readonly entry: NodeEntry }): JSX.Element {
  const { t } = fleetText;
  const node = entry.node.value;
  const row = entry.row.value;
  const { cpu, memory, disk } = sharesOf(node, row);
  const celsius = figure(row, "temperatureCelsius");
  return (
    <>
      <div class="cpu" role="cell">
        <Meter label={t("node.cpu")} share={cpu} />
      </div>
      <div class="memory" role="cell">
        <Meter label={t("node.memory")} share={memory} />
      </div>
      <div class="disk" role="cell">
        <Meter label={t("node.disk")} share={disk} />
      </div>
      <div class="network" role="cell">
        <span title={t("node.down")}>↓ {formatRate(figure(row, "receivedBytesPerSecond"))}</span>
        <span title={t("node.up")}>↑ {formatRate(figure(row, "sentBytesPerSecond"))}</span>
      </div>
      <div class="temperature" role="cell">
        {celsius > 0 ? `${formatNumber(celsius)} °C` : "–"}
      </div>
      <div class="uptime" role="cell">
        {formatDuration(figure(row, "uptimeSeconds"))}
      </div>
    </>
  );
}

function NodeRow({
  entry,
  index,
}: {
  readonly entry: NodeEntry;
  readonly index: number;
}): JSX.Element {
  const node = entry.node.value;
  const row = entry.row.value;
  const presence = presenceOf(row);
  return (
    <div class={`node-row ${presence}`} role="row" aria-rowindex={index + 2}>
      <div class="name" role="rowheader">
        <PresenceDot row={row} />
        <a class="cut" href={`/fleet/nodes/${node.uuid}`} title={node.name} onClick={followLink}>
          {node.name}
        </a>
        <span class="region">{node.region}</span>
      </div>
      <div class="system cut" role="cell" title={node.os}>
        {node.os}
      </div>
      {presence === "online" ? (
        <LiveCells entry={entry} />
      ) : (
        <div class="absent" role="cell">
          <AbsenceText row={row} />
        </div>
      )}
      <div class="marks" role="cell">
        <Warnings node={node} row={row} />
        {node.kvm !== null && presence === "online" && <KvmMarks kvm={node.kvm} />}
        <Tags tags={node.tags} />
      </div>
    </div>
  );
}

/** The fleet as a table. */
export function NodeRows({
  entries,
  how,
  onSort,
}: {
  readonly entries: readonly NodeEntry[];
  readonly how: Arrangement;
  readonly onSort: (key: SortKey) => void;
}): JSX.Element {
  return (
    <div
      class="node-table"
      role="table"
      aria-label={fleetText.t("nav.nodes")}
      aria-rowcount={entries.length + 1}
    >
      <div role="rowgroup">
        <div class="node-row head" role="row" aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <Header key={column.id} column={column} how={how} onSort={onSort} />
          ))}
        </div>
      </div>
      <WindowGrid
        role="rowgroup"
        items={entries}
        keyOf={({ id }) => id}
        itemHeight={ROW_HEIGHT}
        draw={(entry, index) => <NodeRow entry={entry} index={index} />}
      />
    </div>
  );
}
