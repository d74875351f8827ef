import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../../components/button.tsx";
import { WindowGrid } from "../../../components/window-grid.tsx";
import { commonText } from "../../../i18n/common-text.ts";
import { fleetText } from "../../../i18n/fleet-text.ts";
import { formatNumber, formatRate } from "../../../lib/format.ts";
import { navigate } from "../../../lib/router.ts";
import { may } from "../../../lib/session.ts";
import { fleet } from "../fleet-link.ts";
import type { NodeEntry } from "../fleet-state.ts";
import { arrange } from "./arrange.ts";
import type { SortKey } from "./arrange.ts";
import { Filters } from "./filters.tsx";
import { arrangement, change, clearFilters, isFiltered, layout } from "./list-choices.ts";
import { CARD_HEIGHT, NodeCard } from "./node-card.tsx";
import { NodeRows } from "./node-rows.tsx";

const CARD_WIDTH = 272;
const GAP = 12;
/** How often figures may change the order of the list. */
const REORDER_MS = 5000;

function Totals(): JSX.Element {
  const { t } = fleetText;
  const { nodes, online, alerts, receivedBytesPerSecond, sentBytesPerSecond } =
    fleet().totals.value;
  return (
    <div class="totals">
      <strong>
        {t("total.online", { online: formatNumber(online), nodes: formatNumber(nodes) })}
      </strong>
      {alerts > 0 && <strong class="bad">{t("total.alerts", { alerts })}</strong>}
      <span class="muted">{t("total.down", { rate: formatRate(receivedBytesPerSecond) })}</span>
      <span class="muted">{t("total.up", { rate: formatRate(sentBytesPerSecond) })}</span>
    </div>
  );
}

function Nothing(): JSX.Element {
  const { t } = fleetText;
  if (fleet().entries.value.length > 0) {
    return (
      <div class="empty card">
        <p>{t("list.nothing")}</p>
        <Button onClick={clearFilters}>{t("list.clear")}</Button>
      </div>
    );
  }
  return (
    <div class="empty card">
      <h2>{t("list.empty")}</h2>
      <p>{t("list.emptyHow")}</p>
      {may("admin") && (
        <Button kind="primary" icon="plus" onClick={() => navigate("/fleet/admin/nodes")}>
          {t("list.add")}
        </Button>
      )}
    </div>
  );
}

/** The arranged list. Order and filters follow the figures every few seconds, and never under the visitor's hand. */
function useArranged(): { readonly value: readonly NodeEntry[] } {
  const turn = useSignal(0);
  const isHeld = useRef(false);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!isHeld.current && !document.hidden) turn.value += 1;
    }, REORDER_MS);
    const hold = (event: PointerEvent): void => {
      const { target } = event;
      isHeld.current = target instanceof Element && target.closest(".node-list") !== null;
    };
    document.addEventListener("pointerover", hold);
    return () => {
      clearInterval(timer);
      document.removeEventListener("pointerover", hold);
    };
  }, []);
  return useComputed(() => {
    void turn.value;
    return arrange(fleet().entries.value, arrangement.value);
  });
}

function sortBy(key: SortKey): void {
  const { sortBy: before, isDescending } = arrangement.value;
  const first = key !== "name";
  change({ sortBy: key, isDescending: before === key ? !isDescending : first });
}

/** All nodes, as cards or as a table. */
export function NodeList(): JSX.Element {
  const arranged = useArranged().value;
  const state = fleet();
  if (!state.isLoaded.value) {
    return <p class="muted">{commonText.t("loading")}</p>;
  }
  return (
    <div class="node-list stack">
      <h1 class="unseen">{fleetText.t("nav.nodes")}</h1>
      <Totals />
      <Filters entries={state.entries.value} />
      {isFiltered(arrangement.value) && (
        <p class="small muted" role="status">
          {fleetText.t("list.count", { shown: arranged.length, all: state.entries.value.length })}{" "}
          <button type="button" class="link" onClick={clearFilters}>
            {fleetText.t("list.clear")}
          </button>
        </p>
      )}
      {arranged.length === 0 && <Nothing />}
      {arranged.length > 0 && layout.value === "grid" && (
        <WindowGrid
          label={fleetText.t("nav.nodes")}
          items={arranged}
          keyOf={({ id }) => id}
          itemHeight={CARD_HEIGHT}
          minItemWidth={CARD_WIDTH}
          gap={GAP}
          draw={(entry, index) => (
            <NodeCard entry={entry} place={index + 1} count={arranged.length} />
          )}
        />
      )}
      {arranged.length > 0 && layout.value === "table" && (
        <NodeRows entries={arranged} how={arrangement.value} onSort={sortBy} />
      )}
    </div>
  );
}
