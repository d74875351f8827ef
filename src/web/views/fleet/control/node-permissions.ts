import type { FleetNode } from "../../../../protocol/fleet/live.ts";
import type { NodePermissionsView } from "../../../../protocol/fleet/nodes.ts";
import { confirm } from "../../../components/confirm.tsx";
import { toast } from "../../../components/toast.tsx";
import { controlText } from "../../../i18n/fleet-control-text.ts";
import { ApiError } from "../../../lib/api.ts";
import { useResource } from "../../../lib/resource.ts";
import type { Resource } from "../../../lib/resource.ts";
import { FLEET, tell } from "../fleet-api.ts";
import { SHAPES } from "../shapes.ts";

/** What may be done on a node. */
export type RemoteAct = keyof NodePermissionsView;

const pathOf = ({ uuid }: FleetNode): string => `/nodes/${uuid}/permissions`;

export const useNodePermissions = (node: FleetNode): Resource<NodePermissionsView> =>
  useResource(FLEET + pathOf(node), SHAPES.permissions);

/** False when the hub does not allow it on any node, which has been said then. */
async function change(node: FleetNode, act: RemoteAct, isAllowed: boolean): Promise<boolean> {
  try {
    await tell("PATCH", pathOf(node), { body: { [act]: isAllowed } });
    return true;
  } catch (error) {
    // To an admin this refusal means one thing only.
    if (!(error instanceof ApiError) || error.code !== "NOT_ALLOWED_ON_NODE") throw error;
    toast(controlText.t("control.offEverywhere"), "bad");
    return false;
  }
}

/** Asks first. False when it is not allowed after all. */
export async function allowOn(node: FleetNode, act: RemoteAct): Promise<boolean> {
  const { t } = controlText;
  const { name } = node;
  const isSure = await confirm({
    title: t(`control.${act}Ask`, { name }),
    text: t(`control.${act}AskText`, { name }),
    action: t("control.allow"),
    isDangerous: true,
  });
  return isSure && change(node, act, true);
}

/** Counts at once, and ends what is open. */
export const forbidOn = (node: FleetNode, act: RemoteAct): Promise<boolean> =>
  change(node, act, false);
