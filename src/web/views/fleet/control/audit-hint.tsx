import type { JSX } from "preact";
import { controlText } from "../../../i18n/fleet-control-text.ts";
import { followLink } from "../../../lib/router.ts";

/** That what is done here is written down, and where. */
export function AuditHint({
  text = controlText.t("control.audit"),
}: {
  readonly text?: string;
}): JSX.Element {
  return (
    <>
      {text}{" "}
      <a href="/fleet/admin/audit" onClick={followLink}>
        {controlText.t("control.toAudit")}
      </a>
    </>
  );
}
