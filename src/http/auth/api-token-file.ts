import { createHash, randomInt } from "node:crypto";
import { USER_ROLES } from "./principal.ts";
import type { UserRole } from "./principal.ts";

// What an API token looks like, and the file in which only its hash is kept.

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Tells tokens of people from those of agents, and lets scanners recognize one that leaked. */
const PREFIX = "fht";
const LENGTH = 32;
const TOKEN_PATTERN = /^fht[0-9A-Za-z]{29}$/;
/** The format of the stored hash: others may follow. Tokens are random, so that a plain hash is enough. */
const HASH_TAG = "sha256:";
const HASH_PATTERN = /^sha256:[A-Za-z0-9+/]{43}=$/;
const ID_PATTERN = /^[0-9a-f]{16}$/;
const MAX_NAME = 64;
const NAME_PATTERN = /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u;

/** A token without the token. */
export interface StoredApiToken {
  readonly id: string;
  readonly user: string;
  readonly name: string;
  /** What it may do at most; never more than its user may at the time. */
  readonly role: UserRole;
  readonly hash: string;
  /** Epoch milliseconds, as all times here. */
  readonly createdAt: number;
  /** Null: never. */
  readonly expiresAt: number | null;
  /** Null: not yet. */
  readonly lastUsedAt: number | null;
}

/** 32 letters and digits, 172 random bits: a form that clients of both Komari and Nezha can be given. */
export function newApiToken(): string {
  const letter = (): string => LETTERS.charAt(randomInt(LETTERS.length));
  return PREFIX + Array.from({ length: LENGTH - PREFIX.length }, letter).join("");
}

export function hashOfApiToken(token: string): string {
  return HASH_TAG + createHash("sha256").update(token).digest("base64");
}

/**
 * The API token of an `Authorization` header: after `Bearer` (Komari), or alone (Nezha). Undefined for everything that
 * does not look like one, which counts as no credential.
 */
export function readApiToken(header: string): string | undefined {
  if (header === "") return undefined;
  const [scheme] = /^bearer +/i.exec(header) ?? [""];
  const token = header.slice(scheme.length).trim();
  return TOKEN_PATTERN.test(token) ? token : undefined;
}

/** The name of a token, without blanks around it; undefined when it is none. */
export function parseTokenName(text: string): string | undefined {
  const name = text.trim();
  return name.length <= MAX_NAME && NAME_PATTERN.test(name) ? name : undefined;
}

const isRole = (value: unknown): value is UserRole => USER_ROLES.some((role) => role === value);
const isTime = (value: unknown): value is number => typeof value === "number" && value >= 0;
const isTimeOrNull = (value: unknown): value is number | null => value === null || isTime(value);
const isText = (value: unknown): value is string => typeof value === "string";

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isHash = (value: unknown): value is string => isText(value) && HASH_PATTERN.test(value);
const isId = (value: unknown): value is string => isText(value) && ID_PATTERN.test(value);

/** A token whose end cannot be read must not become one without an end: every field has to be right. */
function parseRow(row: unknown): StoredApiToken | undefined {
  if (!isTree(row)) return undefined;
  const { id, user, name, role, hash, createdAt } = row;
  const [expiresAt, lastUsedAt] = [row["expiresAt"] ?? null, row["lastUsedAt"] ?? null];
  if (!isId(id) || !isHash(hash) || !isText(user) || !isText(name)) return undefined;
  if (!isRole(role) || !isTime(createdAt)) return undefined;
  if (!isTimeOrNull(expiresAt) || !isTimeOrNull(lastUsedAt)) return undefined;
  return { id, user, name, role, hash, createdAt, expiresAt, lastUsedAt };
}

/** The tokens in the text of the file; undefined when it is damaged. Empty for no file. */
export function parseApiTokens(text: string | undefined): readonly StoredApiToken[] | undefined {
  if (text === undefined || text.trim() === "") return [];
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isTree(tree) || !Array.isArray(tree["tokens"])) return undefined;
  const rows = tree["tokens"].map(parseRow);
  const tokens = rows.filter((row) => row !== undefined);
  return tokens.length === rows.length ? tokens : undefined;
}

export function formatApiTokens(tokens: readonly StoredApiToken[]): string {
  return `${JSON.stringify({ version: 1, tokens }, null, 1)}\n`;
}
