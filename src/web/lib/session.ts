import { computed, signal } from "@preact/signals";
import { ApiError, get, post, whenSignedOut } from "./api.ts";
import { objectOf, textOf, textsOf } from "./json.ts";
import type { Json } from "./json.ts";
import { isOlder } from "./page-build.ts";

const RANKS = ["viewer", "operator", "admin"] as const;
export type UserRole = (typeof RANKS)[number];

export interface Session {
  readonly user: string;
  readonly role: UserRole;
  readonly version: string;
}

/** Undefined: not known yet. Null: nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined);
/** Why it could not be found out. */
export const sessionProblem = signal<string>("");

export const role = computed<UserRole>(() => session.value?.role ?? "viewer");
/** Whether the visitor may do what needs the role. */
export function may(needed: UserRole): boolean {
  return RANKS.indexOf(role.value) >= RANKS.indexOf(needed);
}

/** The build that this page is of. */
const OWN_BUILD =
  document.querySelector<HTMLMetaElement>('meta[name="farhand-build"]')?.content ?? "";
const build = signal("");
/** Whether the page was opened before the server was updated. */
export const isOutdated = computed(() => isOlder(OWN_BUILD, build.value));

const parts = signal<readonly string[]>([]);
/** What this machine is: `device`, `hub` and others. */
export const hasPart = (name: string): boolean => parts.value.includes(name);

function sessionIn(body: Json): Session | null {
  const user = textOf(body["user"]);
  if (user === "") return null;
  return {
    user,
    role: RANKS.find((name) => name === body["role"]) ?? "viewer",
    version: textOf(body["version"]),
  };
}

/** Asks who is signed in. */
export async function loadSession(): Promise<void> {
  try {
    const body = objectOf(await get("/native/session"));
    sessionProblem.value = "";
    parts.value = textsOf(body["roles"]);
    build.value = textOf(body["build"]);
    session.value = sessionIn(body);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    sessionProblem.value = error.message;
  }
}

/** Rejects with `ApiError`: 403 for wrong credentials, 400 for a name that cannot be one, 429 after too many. */
export async function signIn(user: string, password: string, code: string): Promise<void> {
  // One-time codes follow the password (PiKVM API 3.5).
  const body = new URLSearchParams({
    user,
    passwd: password + code.replaceAll(/\s/g, ""),
    expire: "0",
  });
  await post("/api/auth/login", { body });
  await loadSession();
}

export async function signOut(): Promise<void> {
  try {
    await post("/api/auth/logout");
  } finally {
    session.value = null;
  }
}

let isAsking = false;

whenSignedOut((isSure) => {
  if (isSure) {
    session.value = null;
    return;
  }
  // Not while nobody is signed in, and not about the question itself.
  if (isAsking || !session.value) return;
  isAsking = true;
  void loadSession().finally(() => {
    isAsking = false;
  });
});
