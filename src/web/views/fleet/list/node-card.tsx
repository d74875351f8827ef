import type { JSX } from "preact";
import type { FleetNode, LiveRow } from "../../../../protocol/fleet/live.ts";
import { fleetText } from "../../../i18n/fleet-text.ts";
import { formatBytes, formatDuration, formatNumber, formatRate } from "../../../lib/format.ts";
import { followLink } from "../../../lib/router.ts";
import { presenceOf } from "../fleet-state.ts";
import type { NodeEntry } from "../fleet-state.ts";
import { figure, sharesOf } from "./arrange.ts";
import { Meter } from "./meter.tsx";
import { AbsenceText, KvmMarks, PresenceDot, Tags, Warnings } from "./node-marks.tsx";

/** All cards have this height, in pixels, whatever is in them: nothing moves when figures change. */
export const CARD_HEIGHT = 152;

const usage = (used: number, total: number): string =>
  `${formatBytes(used)} / ${formatBytes(total)}`;

function Meters({ node, row }: { readonly node: FleetNode; readonly row: LiveRow }): JSX.Element {
  const { t } = fleetText;
  const { cpu, memory, disk } = sharesOf(node, row);
  return (
    <div class="meters">
      <Meter label={t("node.cpuShort")} share={cpu} detail={node.cpu} />
      <Meter
        label={t("node.memory")}
        share={memory}
        detail={usage(figure(row, "memoryUsedBytes"), node.memoryTotalBytes)}
      />
      <Meter
        label={t("node.disk")}
        share={disk}
        detail={usage(figure(row, "diskUsedBytes"), node.diskTotalBytes)}
      />
    </div>
  );
}

function Figures({ row }: { readonly row: LiveRow }): JSX.Element {
  const { t } = fleetText;
  const celsius = figure(row, "temperatureCelsius");
  return (
    <p class="figures">
      <span title={t("node.down")}>↓ {formatRate(figure(row, "receivedBytesPerSecond"))}</span>
      <span title={t("node.up")}>↑ {formatRate(figure(row, "sentBytesPerSecond"))}</span>
      <span title={t("node.temperature")}>{celsius > 0 ? `${formatNumber(celsius)} °C` : "–"}</span>
      <span title={t("node.uptime")}>{formatDuration(figure(row, "uptimeSeconds"))}</span>
    </p>
  );
}

export function NodeCard({
  entry,
  place,
  count,
}: {
  readonly entry: NodeEntry;
  /** From 1, in a list of so many, of which only a part is in the document. */
  readonly place: number;
  readonly count: number;
}): JSX.Element {
  const node = entry.node.value;
  const row = entry.row.value;
  const presence = presenceOf(row);
  const title = `node-${entry.id}`;
  return (
    <div class={`node-card ${presence}`} role="listitem" aria-posinset={place} aria-setsize={count}>
      <a href={`/fleet/nodes/${node.uuid}`} aria-labelledby={title} onClick={followLink}>
        <header>
          <PresenceDot row={row} />
          <h2 class="cut" id={title} title={node.name}>
            {node.name}
          </h2>
          {node.region !== "" && <span class="region">{node.region}</span>}
        </header>
        <p class="system cut">{node.os === "" ? "\u00A0" : node.os}</p>
        {presence === "online" ? (
          <>
            <Meters node={node} row={row} />
            <Figures row={row} />
          </>
        ) : (
          <p class="absent">
            <AbsenceText row={row} />
          </p>
        )}
        <footer>
          <Warnings node={node} row={row} />
          {node.kvm !== null && presence === "online" && <KvmMarks kvm={node.kvm} />}
          <Tags tags={node.tags} />
        </footer>
      </a>
    </div>
  );
}
