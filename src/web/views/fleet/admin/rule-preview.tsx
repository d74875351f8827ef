import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { AlertPreview, AlertRuleBody } from "../../../../protocol/fleet/alerts.ts";
import { Button } from "../../../components/button.tsx";
import { SelectField } from "../../../components/field.tsx";
import { attempt } from "../../../components/toast.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { formatAgo, formatDuration } from "../../../lib/format.ts";
import { ask } from "../fleet-api.ts";
import { fleet } from "../fleet-link.ts";
import { SHAPES } from "../shapes.ts";

const HOURS = ["24", "168", "720"] as const;
/** So many nodes are named. */
const SHOWN = 20;

function Result({ preview }: { readonly preview: AlertPreview }): JSX.Element {
  const { t } = adminText;
  const { nodes, covered, examined, stepMs, to } = preview;
  const counts = { nodes: nodes.length, covered, examined };
  if (stepMs === 0) return <p role="status">{t("alerts.previewNow", counts)}</p>;
  if (nodes.length === 0) return <p role="status">{t("alerts.previewNone")}</p>;
  const step = formatDuration(stepMs / 1000, "long");
  return (
    <div role="status" class="stack">
      <p>{t("alerts.previewNodes", { ...counts, step })}</p>
      <ul>
        {nodes.slice(0, SHOWN).map(({ node, spells }) => (
          <li key={node} class="row">
            <span class="grow">{fleet().byId(node)?.node.value.name ?? node}</span>
            <span class="muted">
              {t("alerts.previewSpells", {
                count: spells.length,
                when: formatAgo(spells.at(-1)?.from ?? to, to),
              })}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What a rule would have raised, had it been there. */
export function RulePreview({ rule }: { readonly rule: AlertRuleBody }): JSX.Element {
  const { t } = adminText;
  const hours = useSignal<(typeof HOURS)[number]>("24");
  const isBusy = useSignal(false);
  const preview = useSignal<AlertPreview | undefined>(undefined);
  const look = async (): Promise<void> => {
    isBusy.value = true;
    try {
      // A name is not needed to look.
      const named = { ...rule, name: rule.name === "" ? "?" : rule.name };
      preview.value = await ask("POST", "/alert-rules/preview", SHAPES.preview, {
        body: { rule: named, hours: Number(hours.value) },
      });
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <div class="card stack">
      <div class="row wrap">
        <SelectField
          label={t("alerts.previewHours")}
          value={hours.value}
          options={HOURS.map((value) => ({
            value,
            label: formatDuration(Number(value) * 3600, "long"),
          }))}
          onChange={(value) => {
            hours.value = value;
          }}
        />
        <Button icon="play" busy={isBusy.value} onClick={() => attempt(look)}>
          {t("alerts.preview")}
        </Button>
      </div>
      {preview.value !== undefined && <Result preview={preview.value} />}
    </div>
  );
}
