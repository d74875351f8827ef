/** Sessions, the record of what was done, and the caller's own account (Komari 2.4). */
import { ValidationError } from "../../../core/errors.ts";
import type { SessionSummary } from "../../../http/auth/sessions.ts";
import type { AuditEntry } from "../../../hub/audit.ts";
import { timeText } from "../wire.ts";
import { accountUuid } from "./account-calls.ts";
import { adminCall, confirmAct, record } from "./admin-parts.ts";
import type { AdminParts } from "./admin-parts.ts";
import { NotOfferedError } from "./call.ts";
import type { CallTable, Caller, Params } from "./call.ts";
import { textOf, wholeOf } from "./params.ts";

const LOG_LIMIT = 100;
const MOST_LOGS = 1000;
const LEAST_PASSWORD = 6;

const userOf = ({ principal }: Caller): string => principal?.user ?? "";

/** `session` is an id with which nobody can sign in: tokens are not kept. */
function sessionView(user: string, session: SessionSummary, now: number): Params {
  const { secondsLeft } = session;
  return {
    uuid: accountUuid(user),
    session: session.id,
    user_agent: session.userAgent,
    ip: session.address,
    login_method: session.method,
    latest_online: timeText(session.lastSeenAt),
    latest_user_agent: session.lastUserAgent,
    latest_ip: session.lastAddress,
    // One that does not expire by itself is said to live for another year.
    expires: timeText(now + (secondsLeft ?? 365 * 86_400) * 1000),
    created_at: timeText(session.createdAt),
  };
}

function sessions({ auth, clock }: AdminParts, caller: Caller): Params {
  const user = userOf(caller);
  const now = clock.now();
  const data = auth.sessionsOf(user).map((session) => sessionView(user, session, now));
  return { current: caller.principal?.session ?? "", data };
}

async function endSession(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const session = textOf(params, "session");
  if (session === "") throw new ValidationError("session is required");
  await record(parts, caller, { action: "session.end", detail: "one session" }, () => {
    if (parts.auth.endSession(userOf(caller), session)) return;
    throw new ValidationError("There is no such session");
  });
}

async function endAllSessions(parts: AdminParts, caller: Caller): Promise<void> {
  await record(parts, caller, { action: "session.end", detail: "all sessions" }, () => {
    parts.auth.endSessions(userOf(caller));
  });
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^session\.open$/, "login"],
  [/^session\.end$/, "logout"],
  [/^terminal\./, "terminal"],
  [/\.(?:remove|refused|clear)$|^command\./, "warn"],
];

function logView(parts: AdminParts, entry: AuditEntry): Params {
  const node = parts.hub.registry.byId(entry.node)?.uuid;
  const place = node === undefined ? "" : ` on ${node}`;
  return {
    id: entry.id,
    ip: entry.address,
    uuid: entry.user === "" ? "" : accountUuid(entry.user),
    message: `${entry.user}: ${entry.action}${place} ${entry.detail}`.trim(),
    msg_type: KINDS.find(([pattern]) => pattern.test(entry.action))?.[1] ?? "info",
    time: timeText(entry.at),
  };
}

/** Nothing is ever removed from the record, so that the newest number is how many there are. */
async function logs(parts: AdminParts, params: Params): Promise<Params> {
  const limit = wholeOf(params, "limit", "Invalid limit") ?? LOG_LIMIT;
  const page = wholeOf(params, "page", "Invalid page") ?? 1;
  if (limit <= 0) throw new ValidationError("Invalid limit");
  if (page <= 0) throw new ValidationError("Invalid page");
  const { audit } = parts.hub;
  const [newest] = await audit.list({ limit: 1 });
  const total = newest?.id ?? 0;
  const size = Math.min(limit, MOST_LOGS);
  const before = total - (page - 1) * size + 1;
  const entries = before <= 1 ? [] : await audit.list({ before, limit: size });
  const kind = textOf(params, "msg_type");
  const views = entries.map((entry) => logView(parts, entry));
  const shown = kind === "" ? views : views.filter((view) => view["msg_type"] === kind);
  return { logs: shown, total };
}

/** A new password for an account. It ends all sessions of it. */
async function updateUser(parts: AdminParts, params: Params, caller: Caller): Promise<Params> {
  const { accounts } = parts;
  const uuid = textOf(params, "uuid");
  const known = await accounts.list();
  const user = known.map((account) => account.user).find((name) => accountUuid(name) === uuid);
  if (user === undefined) throw new ValidationError("Invalid or missing UUID");
  const name = textOf(params, "username");
  if (name !== "" && name !== user) {
    throw new NotOfferedError("Accounts keep their names: add another one and remove this one");
  }
  const password = textOf(params, "password");
  if (password === "") return { uuid };
  if (password.length < LEAST_PASSWORD) {
    throw new ValidationError(`A password has at least ${LEAST_PASSWORD} characters`);
  }
  await confirmAct(parts, caller, params);
  const act = { action: "account.edit", detail: `A new password for '${user}'` };
  await record(parts, caller, act, () => accounts.set(user, password));
  return { uuid };
}

export function adminAccountCalls(parts: AdminParts): CallTable {
  return {
    "admin:getSessions": adminCall("The caller's sessions", (_params, caller) =>
      sessions(parts, caller),
    ),
    "admin:deleteSession": adminCall("Ends a session", (params, caller) =>
      endSession(parts, params, caller),
    ),
    "admin:deleteAllSessions": adminCall("Ends all sessions of the caller", (_params, caller) =>
      endAllSessions(parts, caller),
    ),
    "admin:getLogs": adminCall("What was done, newest first", (params) => logs(parts, params), [
      "limit",
      "page",
      "msg_type",
    ]),
    "admin:updateUser": adminCall("A new password", (params, caller) =>
      updateUser(parts, params, caller),
    ),
  };
}
