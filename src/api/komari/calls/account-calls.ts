import { createHash } from "node:crypto";
import type { CallParts, CallTable, Caller, Params } from "./call.ts";

/** A lasting identity of an account, which this dialect wants as a UUID. */
export function accountUuid(user: string): string {
  const hex = createHash("sha256").update(`farhand account ${user}`).digest("hex");
  const [low, high] = [hex.slice(0, 12), hex.slice(12, 32)];
  const head = `${low.slice(0, 8)}-${low.slice(8)}`;
  return `${head}-5${high.slice(1, 4)}-a${high.slice(5, 8)}-${high.slice(8)}`;
}

/** All keys, whoever calls: what RPC2 answers. */
function fullAccount({ auth }: Pick<CallParts, "auth">, { principal }: Caller): Params {
  const isUser = principal !== null;
  return {
    "2fa_enabled": isUser && auth.needsCode,
    logged_in: isUser,
    sso_id: "",
    sso_type: "",
    username: principal?.user ?? "",
    uuid: isUser ? accountUuid(principal.user) : "",
  };
}

/**
 * Who is asking. Deliberately different from the original: an API token is shown as its user, not as a guest.
 */
export function accountCalls(parts: Pick<CallParts, "auth">): CallTable {
  return {
    "public:getMe": {
      access: "guest",
      isOpen: true,
      summary: "Who is signed in",
      run: (_params, caller) =>
        caller.principal === null
          ? { username: "Guest", logged_in: false }
          : fullAccount(parts, caller),
    },
    "common:getMe": {
      access: "guest",
      isOpen: true,
      summary: "Who is signed in",
      run: (_params, caller) => fullAccount(parts, caller),
    },
  };
}
