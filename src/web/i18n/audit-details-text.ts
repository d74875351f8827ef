import { formatDuration, formatList } from "../lib/format.ts";
import { detailIn } from "./audit-details.ts";
import { enAuditDetails } from "./en/audit-details.ts";
import { problemText } from "./problems-text.ts";
import { terminalEndText } from "./terminal-ends-text.ts";
import { createText } from "./text.ts";
import { zhAuditDetails } from "./zh-cn/audit-details.ts";

const WORDS = {
  ...createText({ en: enAuditDetails, "zh-CN": zhAuditDetails }),
  list: formatList,
  duration: (seconds: number) => formatDuration(seconds, "long"),
  end: terminalEndText,
  problem: problemText,
};

/** The detail of a line of the audit in words. */
export const detailText = (action: string, detail: string): string =>
  detailIn(WORDS, action, detail);
