import type { ComponentChildren, JSX } from "preact";
import { Button } from "../../../components/button.tsx";
import { ProblemNotice } from "../../../components/problem-notice.tsx";
import { Notice, attempt } from "../../../components/toast.tsx";
import { commonText } from "../../../i18n/common-text.ts";
import { controlText } from "../../../i18n/fleet-control-text.ts";
import { followLink } from "../../../lib/router.ts";
import { presenceOf } from "../fleet-state.ts";
import type { NodeEntry } from "../fleet-state.ts";
import { PresenceDot } from "../list/node-marks.tsx";
import { allowOn, useNodePermissions } from "./node-permissions.ts";
import type { RemoteAct } from "./node-permissions.ts";

/** A page below a node's: its children where the node allows the act, and otherwise how to allow it. */
export function NodePart({
  entry,
  act,
  title,
  children,
}: {
  readonly entry: NodeEntry;
  readonly act: RemoteAct;
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { t } = controlText;
  const node = entry.node.value;
  const { name, uuid } = node;
  const { value, problem, reload } = useNodePermissions(node);
  const isAllowed = value.value?.[act];
  const allow = (): void =>
    attempt(async () => {
      if (await allowOn(node, act)) await reload();
    });
  return (
    <div class="node-part stack">
      <a class="small" href={`/fleet/nodes/${uuid}`} onClick={followLink}>
        {t("control.back", { name })}
      </a>
      <div class="row wrap">
        <PresenceDot row={entry.row.value} />
        <h1>{title}</h1>
      </div>
      <ProblemNotice problem={problem.value} onRetry={reload} />
      {presenceOf(entry.row.value) !== "online" && (
        <Notice tone="warn">{t("control.isOffline", { name })}</Notice>
      )}
      {isAllowed === undefined && problem.value === "" && (
        <p class="muted">{commonText.t("loading")}</p>
      )}
      {isAllowed === false && (
        <Notice tone="warn" action={<Button onClick={allow}>{t("control.allow")}</Button>}>
          <p>{t("control.isOff", { name })}</p>
          <p class="small">{t("control.agents")}</p>
        </Notice>
      )}
      {isAllowed === true && children}
    </div>
  );
}
