import type { JSX } from "preact";
import type { FleetNode } from "../../../../protocol/fleet/live.ts";
import type { NodePermissionsView } from "../../../../protocol/fleet/nodes.ts";
import { Button } from "../../../components/button.tsx";
import { ProblemNotice } from "../../../components/problem-notice.tsx";
import { Badge } from "../../../components/status.tsx";
import { attempt } from "../../../components/toast.tsx";
import { controlText } from "../../../i18n/fleet-control-text.ts";
import { followLink } from "../../../lib/router.ts";
import type { Resource } from "../../../lib/resource.ts";
import type { NodeEntry } from "../fleet-state.ts";
import { AuditHint } from "./audit-hint.tsx";
import { allowOn, forbidOn, useNodePermissions } from "./node-permissions.ts";
import type { RemoteAct } from "./node-permissions.ts";

const ACTS = [
  { act: "terminal", part: "terminal" },
  { act: "command", part: "commands" },
] as const;

function Act({
  node,
  act,
  part,
  isAllowed,
  onChanged,
}: {
  readonly node: FleetNode;
  readonly act: RemoteAct;
  readonly part: string;
  readonly isAllowed: boolean;
  readonly onChanged: () => Promise<void>;
}): JSX.Element {
  const { t } = controlText;
  const change = (work: typeof allowOn): void =>
    attempt(async () => {
      if (await work(node, act)) await onChanged();
    });
  return (
    <li class="row wrap">
      <div class="grow">
        <span class="row">
          <h3>{t(`control.${act}`)}</h3>
          <Badge tone={isAllowed ? "warn" : undefined}>
            {t(isAllowed ? "control.on" : "control.off")}
          </Badge>
        </span>
        <p class="muted small">{t(`control.${act}Text`)}</p>
      </div>
      {isAllowed ? (
        <>
          <Button kind="ghost" onClick={() => change(forbidOn)}>
            {t("control.forbid")}
            <span class="unseen">{t(`control.${act}`)}</span>
          </Button>
          <a class="button" href={`/fleet/nodes/${node.uuid}/${part}`} onClick={followLink}>
            {t(`control.${act}Open`)}
          </a>
        </>
      ) : (
        <Button onClick={() => change(allowOn)}>
          {t("control.allow")}
          <span class="unseen">{t(`control.${act}`)}</span>
        </Button>
      )}
    </li>
  );
}

function Acts({
  node,
  permissions,
}: {
  readonly node: FleetNode;
  readonly permissions: Resource<NodePermissionsView>;
}): JSX.Element | null {
  const { value, problem, reload } = permissions;
  const allowed = value.value;
  if (problem.value !== "") return <ProblemNotice problem={problem.value} onRetry={reload} />;
  if (allowed === undefined) return null;
  return (
    <ul class="acts stack">
      {ACTS.map(({ act, part }) => (
        <Act
          key={act}
          node={node}
          act={act}
          part={part}
          isAllowed={allowed[act]}
          onChanged={reload}
        />
      ))}
    </ul>
  );
}

/** On a node's page: what admins have allowed there, and the way to it. */
export function RemoteControl({ entry }: { readonly entry: NodeEntry }): JSX.Element {
  const { t } = controlText;
  const node = entry.node.value;
  const permissions = useNodePermissions(node);
  return (
    <section class="card stack" aria-label={t("control.title")}>
      <div>
        <h2>{t("control.title")}</h2>
        <p class="muted small">
          {t("control.intro")} <AuditHint />
        </p>
      </div>
      <Acts node={node} permissions={permissions} />
    </section>
  );
}
