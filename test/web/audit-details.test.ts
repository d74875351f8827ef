import { describe, expect, it } from "vitest";
import { TERMINAL_ENDS } from "../../src/protocol/fleet/terminal.ts";
import { DEFAULT_SITE } from "../../src/hub/site-settings.ts";
import { NO_NOTES } from "../../src/hub/node-notes.ts";
import { NodeNotesBody } from "../../src/protocol/fleet/nodes.ts";
import { enAuditDetails } from "../../src/web/i18n/en/audit-details.ts";
import { enProblems } from "../../src/web/i18n/en/problems.ts";
import { enTerminalEnds } from "../../src/web/i18n/en/terminal-ends.ts";
import { detailIn } from "../../src/web/i18n/audit-details.ts";
import type { DetailWords } from "../../src/web/i18n/audit-details.ts";
import { fillText } from "../../src/web/i18n/fill-text.ts";
import { zhAuditDetails } from "../../src/web/i18n/zh-cn/audit-details.ts";
import { zhProblems } from "../../src/web/i18n/zh-cn/problems.ts";
import { zhTerminalEnds } from "../../src/web/i18n/zh-cn/terminal-ends.ts";
import { sourcesUnder } from "../support/source-tree.ts";

interface Books {
  readonly details: typeof zhAuditDetails;
  readonly ends: typeof zhTerminalEnds;
  readonly problems: typeof zhProblems;
}

function wordsOf(language: string, { details, ends, problems }: Books): DetailWords {
  const byName = (book: object) => new Map<string, string>(Object.entries(book));
  return {
    t: (key, params = {}) => fillText(details[key], params),
    list: (items) => new Intl.ListFormat(language, { type: "conjunction" }).format(items),
    duration: (seconds) => `${seconds} s`,
    end: (code) => byName(ends).get(code) ?? code,
    problem: (code) => byName(problems).get(code),
  };
}

const EN = wordsOf("en", { details: enAuditDetails, ends: enTerminalEnds, problems: enProblems });
const ZH = wordsOf("zh-CN", {
  details: zhAuditDetails,
  ends: zhTerminalEnds,
  problems: zhProblems,
});

/**
 * Everything that is written as a detail and is more than a name: as it stands in the sources, and a line of the audit
 * with what both languages make of it.
 */
const WRITTEN: readonly (readonly [
  source: string,
  action: string,
  line: string,
  en: string,
  zh: string,
])[] = [
  ["by ${method}", "session.open", "by password", "By password", "方式：密码"],
  [
    "by ${method}, ${count} more times within 15 minutes",
    "session.open",
    "by oidc, 12 more times within 15 minutes",
    "By identity provider, 12 more times within 15 minutes",
    "方式：身份提供方，15 分钟内另有 12 次",
  ],
  [
    '${count} refused attempts within 15 minutes: ${names.join(", ")}',
    "session.refused",
    "3 refused attempts within 15 minutes: 'ada', names that are no account or none at all",
    "3 refused attempts within 15 minutes: ada and names that are no account or none at all",
    "15 分钟内拒绝了 3 次：ada和不是账号的名称或没有名称",
  ],
  [
    "The password or role of '${user}' changed, or the account is gone",
    "account.change",
    "The password or role of 'ada' changed, or the account is gone",
    "The password or role of ada changed, or the account is gone",
    "ada 的密码或角色已更改，或该账号已不存在",
  ],
  ["one session", "session.end", "one session", "One session", "一个会话"],
  ["all sessions", "session.end", "all sessions", "All sessions", "所有会话"],
  [
    "A new password for '${user}'",
    "account.edit",
    "A new password for 'ada'",
    "A new password for ada",
    "ada 的新密码",
  ],
  [
    "${user}, role ${role}",
    "account.add",
    "ada, role viewer",
    "ada, role: viewer",
    "ada，角色：查看者",
  ],
  [
    "${name}, ${role}",
    "token.add",
    "grafana, admin",
    "grafana, role: admin",
    "grafana，角色：管理员",
  ],
  ["${name} of ${user}", "token.remove", "grafana of ada", "grafana, of ada", "grafana，属于 ada"],
  [
    "${name} (Nezha registration)",
    "node.add",
    "box (Nezha registration)",
    "box (registered through Nezha)",
    "box（通过 Nezha 注册）",
  ],
  ["${weights.length} nodes", "node.order", "1 nodes", "1 node", "1 个节点"],
  ["${weights.length} tasks", "probe.order", "2 tasks", "2 ping tasks", "2 个延迟检测"],
  [
    "Offline, ${wanted.size} nodes",
    "alert.edit",
    "Offline, 4 nodes",
    "Offline, 4 nodes",
    "离线，4 个节点",
  ],
  ["Rule ${Number(id)}", "alert.remove", "Rule 7", "Rule 7", "规则 7"],
  ["of all nodes", "history.clear", "of all nodes", "Of all nodes", "所有节点"],
  ["terminalLook", "site.edit", "terminalLook", "look of the terminal", "终端外观"],
  [
    "Run ${run.id}: ${command.slice(0, SHOWN_COMMAND)}",
    "command.run",
    "Run a1B2: echo {name}: $1 of all",
    "echo {name}: $1 of all (run a1B2)",
    "echo {name}: $1 of all（编号 a1B2）",
  ],
  ["On '${name}'", "terminal.open", "On 'rack-1'", "On rack-1", "在 rack-1 上"],
  [
    "On '${name}' is allowed: ${permissionText(permissions)}",
    "node.permit",
    "On 'rack-1' is allowed: commands and terminal",
    "Allowed on rack-1: commands and terminal",
    "rack-1 上允许：命令和终端",
  ],
  [
    "After ${Math.round(openMs / 1000)} s: ${TERMINAL_ENDS[reason]}",
    "terminal.end",
    "After 61 s: Nothing happened for too long",
    "After 61 s: Nothing happened for too long",
    "61 s后：长时间没有任何操作",
  ],
  [
    "Not done, ${code}: ${detail}",
    "terminal.open",
    "Not done, NODE_UNREACHABLE: On 'away'",
    "Not done: On away (The node is not connected.)",
    "未执行：在 away 上（该节点没有连接。）",
  ],
];

/** All texts that the hub and its dialects write as a detail, as they stand in the sources; a bare name is none. */
function writtenIn(): readonly string[] {
  const found = sourcesUnder("src", /^src\/(?:hub|api|http|roles)\/.*\.ts$/).flatMap(({ text }) =>
    Array.from(text.matchAll(/\bdetail(?: =|:) (?:`([^`]*)`|"([^"]*)")/g)),
  );
  return found.map(([, template, plain]) => template ?? plain ?? "").filter((text) => text !== "");
}

describe("a detail of the audit", () => {
  it("is known here in every form that is written", () => {
    const known = new Set(WRITTEN.map(([source]) => source));
    const written = writtenIn();
    expect(written.filter((source) => !known.has(source))).toEqual([]);
    // Made by a function of its own.
    const joined = '${count} refused attempts within 15 minutes: ${names.join(", ")}';
    expect([...known].filter((source) => source !== joined && !written.includes(source))).toEqual(
      [],
    );
  });

  it.each(WRITTEN)("is said in both languages: %s", (_source, action, line, en, zh) => {
    expect(detailIn(EN, action, line)).toBe(en);
    expect(detailIn(ZH, action, line)).toBe(zh);
  });

  it("says what was changed about an account, a node and the public page", () => {
    const all = "ada, password, role operator";
    expect(detailIn(EN, "account.edit", all)).toBe("ada: password and role: operator");
    expect(detailIn(ZH, "account.edit", all)).toBe("ada：密码和角色：操作员");
    expect(detailIn(ZH, "account.edit", "ada, role viewer")).toBe("ada：角色：查看者");
    expect(detailIn(ZH, "node.edit", "name, isHidden, moonPhase")).toBe(
      "名称、对访客隐藏和moonPhase",
    );
    expect(detailIn(ZH, "node.permit", "On 'a' is allowed: nothing")).toBe("a 上允许：无");
  });

  it("has words for every field of a node and of the public page", () => {
    const fields = [NO_NOTES, DEFAULT_SITE, NodeNotesBody.properties].flatMap(Object.keys);
    const unknown = fields.filter((field) => !Object.hasOwn(enAuditDetails, `field.${field}`));
    expect(unknown).toEqual([]);
  });

  it("says why a terminal has ended, whatever the reason was", () => {
    for (const [code, english] of Object.entries(TERMINAL_ENDS)) {
      const words = new Map(Object.entries(zhTerminalEnds)).get(code);
      expect(detailIn(ZH, "terminal.end", `After 5 s: ${english}`)).toBe(`5 s后：${words}`);
    }
    expect(detailIn(ZH, "terminal.end", "After 5 s: Moon")).toBe("5 s后：Moon");
  });

  it("keeps every line of a command", () => {
    const detail = "Run a1B2: cd /srv\nls";
    expect(detailIn(ZH, "command.run", detail)).toBe("cd /srv\nls（编号 a1B2）");
    expect(detailIn(ZH, "command.run", `Not done, STORAGE: ${detail}`)).toContain(
      "ls（编号 a1B2）",
    );
  });

  it("says why something was not done, also without any more about it", () => {
    expect(detailIn(ZH, "backup.download", "Not done, BACKUP_RUNNING:")).toBe(
      "未执行（已有备份正在下载，请等待其完成。）",
    );
    expect(detailIn(ZH, "totp.on", "Not done, MOON:")).toBe("未执行（MOON）");
  });

  it("stays as it is stored where it is a name, or of a newer or older hub", () => {
    const stored = [
      ["node.add", "rack-1"],
      ["node.remove", "all sessions"],
      ["settings.change", "hub.control.enabled, http.port"],
      ["terminal.end", "Something else"],
      ["toString", "x"],
      ["moon.land", "On 'the moon'"],
      ["session.end", ""],
    ] as const;
    for (const [action, detail] of stored) expect(detailIn(ZH, action, detail)).toBe(detail);
  });

  it("has as many words in both languages", () => {
    expect(Object.keys(zhAuditDetails)).toEqual(Object.keys(enAuditDetails));
    const english = Object.entries(zhAuditDetails).filter(([, text]) =>
      /[A-Za-z]/.test(text.replaceAll(/\{\w+\}|Nezha|HTML|head|body/g, "")),
    );
    expect(english).toEqual([]);
  });
});
