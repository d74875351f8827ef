import { createHash } from "node:crypto";
import type { AuthConfig, HttpConfig } from "../../src/config/schema.ts";
import { silentLogger } from "../../src/core/log.ts";
import type { Logger } from "../../src/core/log.ts";
import { createAccounts } from "../../src/http/auth/accounts.ts";
import type { Accounts } from "../../src/http/auth/accounts.ts";
import { createAuth } from "../../src/http/auth/auth.ts";
import type { Auth, AuthRequest } from "../../src/http/auth/auth.ts";
import { fakeClock } from "./fake-clock.ts";
import type { FakeClock } from "./fake-clock.ts";
import { memoryFiles } from "./memory-files.ts";
import type { MemoryFiles } from "./memory-files.ts";

export const HTPASSWD = "/data/htpasswd";
export const ROLES = "/data/htpasswd.roles";
export const FIRST_PASSWORD = "/data/first-password";
export const TOTP_SECRET = "/data/totp.secret";

export const AUTH_CONFIG: AuthConfig = {
  initialUser: "admin",
  initialPassword: "",
  htpasswdFile: "",
  totpSecretFile: "",
  defaultRole: "admin",
  expireSeconds: 0,
  extend: false,
  checkCacheSeconds: 10,
  throttle: { freeAttempts: 5, maxWaitSeconds: 300 },
  oidc: {
    provider: "off",
    issuer: "",
    clientId: "",
    clientSecret: "",
    scope: "openid",
    userClaim: "sub",
    redirectUri: "",
    users: [],
  },
};

export const HTTP_CONFIG: HttpConfig = {
  host: "127.0.0.1",
  port: 0,
  tls: { mode: "off", cert: "", key: "" },
  allowedOrigins: [],
  connectionsPerAddress: 256,
  trustedProxies: [],
};

/** A hash that costs microseconds to check. */
export function quickHash(password: string): string {
  return `{SHA}${createHash("sha1").update(password).digest("base64")}`;
}

/** Lines of a password file. */
export function htpasswdOf(users: Readonly<Record<string, string>>): string {
  return Object.entries(users)
    .map(([user, password]) => `${user}:${quickHash(password)}\n`)
    .join("");
}

/** That the user's password is the one of the first start, and has to be changed. */
export function markOf(user: string, password: string): string {
  const print = createHash("sha256").update(quickHash(password)).digest("hex");
  return `${user} ${print} change\n`;
}

export interface AuthFixture {
  readonly auth: Auth;
  readonly accounts: Accounts;
  readonly files: MemoryFiles;
  readonly clock: FakeClock;
}

export interface AuthFixtureOptions {
  readonly users?: Readonly<Record<string, string>>;
  readonly config?: Partial<AuthConfig>;
  readonly files?: Readonly<Record<string, string>>;
  readonly log?: Logger;
}

/** Sign-in with `admin`/`pass` in a password file in memory, and a clock that stands still. */
export function authFixture(options: AuthFixtureOptions = {}): AuthFixture {
  const { users = { admin: "pass" }, log = silentLogger } = options;
  const clock = fakeClock();
  const files = memoryFiles({ [HTPASSWD]: htpasswdOf(users), ...options.files });
  const config = { ...AUTH_CONFIG, ...options.config };
  const base = { config, dataDir: "/data", files, clock, log };
  const accounts = createAccounts(base);
  return { auth: createAuth({ ...base, accounts }), accounts, files, clock };
}

/** A request with these headers. */
export function requestWith(headers: AuthRequest["headers"], ip = "192.0.2.1"): AuthRequest {
  return { headers, ip };
}

export function headerLogin(user: string, password: string, ip?: string): AuthRequest {
  return requestWith({ "x-kvmd-user": user, "x-kvmd-passwd": password }, ip);
}

export function basicLogin(user: string, password: string, scheme = "Basic"): AuthRequest {
  const encoded = Buffer.from(`${user}:${password}`).toString("base64");
  return requestWith({ authorization: `${scheme} ${encoded}` });
}

export function cookieLogin(token: string): AuthRequest {
  return requestWith({ cookie: `auth_token=${token}` });
}
