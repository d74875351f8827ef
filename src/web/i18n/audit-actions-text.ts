import { enAuditActions } from "./en/audit-actions.ts";
import type { AuditAction } from "./en/audit-actions.ts";
import { createText } from "./text.ts";
import { zhAuditActions } from "./zh-cn/audit-actions.ts";

const auditText = createText({ en: enAuditActions, "zh-CN": zhAuditActions });

const isKnown = (action: string): action is AuditAction => Object.hasOwn(enAuditActions, action);

/** An action of the audit in words; one of a newer hub stays as it is. */
export const actionText = (action: string): string =>
  isKnown(action) ? auditText.t(action) : action;
