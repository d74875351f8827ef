import type { JSX } from "preact";
import type { StorageView } from "../../../../protocol/fleet/admin.ts";
import { Notice } from "../../../components/toast.tsx";
import { commonText } from "../../../i18n/common-text.ts";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { formatBytes, formatNumber } from "../../../lib/format.ts";
import { useResource } from "../../../lib/resource.ts";
import { Section } from "../../../components/section.tsx";
import { SHAPES } from "../shapes.ts";
import { FLEET } from "../fleet-api.ts";

function Figures({ storage }: { readonly storage: StorageView }): JSX.Element {
  const { t } = adminText;
  const lines = [
    [t("storage.status"), t(`storage.status.${storage.status}`)],
    [t("storage.file"), formatBytes(storage.fileBytes)],
    [t("storage.log"), formatBytes(storage.logBytes)],
    [t("storage.free"), formatBytes(storage.freeBytes)],
    [t("storage.nodes"), `${formatNumber(storage.online)} / ${formatNumber(storage.nodes)}`],
  ] as const;
  return (
    <div class="stack">
      {storage.problem !== "" && (
        <Notice tone="bad">{commonText.t("error.said", { detail: storage.problem })}</Notice>
      )}
      {storage.droppedRows > 0 && (
        <Notice tone="warn">{t("storage.dropped", { rows: storage.droppedRows })}</Notice>
      )}
      <dl class="facts card">
        {lines.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">{t("storage.backupText")}</p>
      <div>
        <a class="button primary" href="/native/fleet/backup" download>
          {t("storage.backup")}
        </a>
      </div>
    </div>
  );
}

/** How large the fleet's history is, and a copy of it. */
export function StorageAdmin(): JSX.Element {
  const { t } = adminText;
  const storage = useResource(`${FLEET}/storage`, SHAPES.storage);
  return (
    <Section title={t("area.storage")} intro="" resource={storage}>
      {(value) => <Figures storage={value} />}
    </Section>
  );
}
