import type { JSX } from "preact";
import type { FleetNode, LiveRow } from "../../../../protocol/fleet/live.ts";
import { Icon } from "../../../components/icons.tsx";
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
    <dl class="figures">
      <div>
        <dt class="unseen">{t("node.down")}</dt>
        <dd title={t("node.down")}>
          <Icon name="arrowDown" />
          {formatRate(figure(row, "receivedBytesPerSecond"))}
        </dd>
      </div>
      <div>
        <dt class="unseen">{t("node.up")}</dt>
        <dd title={t("node.up")}>
          <Icon name="arrowUp" />
          {formatRate(figure(row, "sentBytesPerSecond"))}
        </dd>
      </div>
      <div>
        <dt class="unseen">{t("node.temperature")}</dt>
        <dd title={t("node.temperature")}>{celsius > 0 ? `${formatNumber(celsius)} °C` : "–"}</dd>
      </div>
      <div>
        <dt class="unseen">{t("node.uptime")}</dt>
        <dd title={t("node.uptime")}>{formatDuration(figure(row, "uptimeSeconds"))}</dd>
      </div>
    </dl>
  );
}

export function NodeCard({ entry }: { readonly entry: NodeEntry }): JSX.Element {
  const node = entry.node.value;
  const row = entry.row.value;
  const presence = presenceOf(row);
  return (
    <div class={`node-card ${presence}`} role="listitem">
      <a href={`/fleet/nodes/${node.uuid}`} onClick={followLink}>
        <header>
          <PresenceDot row={row} />
          <h3 class="cut">{node.name}</h3>
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
