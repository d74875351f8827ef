/**
 * Login sessions (PiKVM API 3.4): in memory only, absolute life on the monotonic clock, checked when the cookie is
 * used. Revoking a session aborts its principal's signal; running out of time does not, as in the original.
 */
import { createHash, randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { Clock } from "../../core/clock.ts";
import type { Principal, UserRole } from "./principal.ts";

const MAX_PER_USER = 64;
const MAX_AGENT_LENGTH = 256;

/** Where a request of a session comes from. */
export interface SessionClient {
  readonly address: string;
  /** The browser's own words; empty when it said nothing. */
  readonly userAgent: string;
}

/** How somebody signed in. */
export type LoginMethod = "password" | "oidc";

interface SessionStart extends SessionClient {
  readonly method: LoginMethod;
}

interface Session {
  readonly id: string;
  readonly start: SessionStart;
  readonly hash: string;
  readonly principal: Principal;
  readonly controller: AbortController;
  readonly lifeMs: number;
  readonly createdAt: number;
  /** Monotonic milliseconds; infinite while held. */
  expiresAt: number;
  holds: number;
  lastSeenAt: number;
  lastAddress: string;
  lastUserAgent: string;
}

export interface SessionsOptions {
  readonly clock: Clock;
  /** Longest life in seconds, 0 for no limit. */
  readonly expireSeconds: number;
  /** Whether an open WebSocket keeps its session alive. */
  readonly extend: boolean;
}

export interface NewSession {
  /** 64 lower-case hexadecimal digits; only its hash is kept here. */
  readonly token: string;
  readonly principal: Principal;
}

export interface SessionSummary extends SessionStart {
  /** Says nothing about the token. */
  readonly id: string;
  /** Wall clock, epoch milliseconds. */
  readonly createdAt: number;
  /** Seconds left, null when it does not expire by itself. */
  readonly secondsLeft: number | null;
  /** Open sockets that came with its cookie. */
  readonly sockets: number;
  /** Of the newest request; wall clock, epoch milliseconds. */
  readonly lastSeenAt: number;
  readonly lastAddress: string;
  readonly lastUserAgent: string;
}

/** An abort signal that any number of sockets may listen to. */
export function createRevocation(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

const UNKNOWN_START: SessionStart = { address: "", userAgent: "", method: "password" };

const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64");

/** Sessions that ran out stay known while a socket of theirs is open, so that revoking still reaches it. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #byHash = new Map<string, Session>();
  readonly #byPrincipal = new Map<Principal, Session>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** `requestedSeconds` 0 asks for as long as the server allows. At 64 sessions of a user the oldest one ends. */
  create(
    user: string,
    role: UserRole,
    requestedSeconds: number,
    start: SessionStart = UNKNOWN_START,
  ): NewSession {
    this.#makeRoom(user);
    const { clock, expireSeconds } = this.#options;
    const asked = requestedSeconds === 0 ? Number.POSITIVE_INFINITY : requestedSeconds;
    const allowed = expireSeconds === 0 ? Number.POSITIVE_INFINITY : expireSeconds;
    const lifeMs = Math.min(asked, allowed) * 1000;
    const controller = createRevocation();
    const id = randomBytes(12).toString("hex");
    const revoked = controller.signal;
    const principal: Principal = { user, role, via: "cookie", session: id, revoked };
    const token = randomBytes(32).toString("hex");
    const userAgent = start.userAgent.slice(0, MAX_AGENT_LENGTH);
    const session: Session = {
      id,
      start: { ...start, userAgent },
      hash: hashOf(token),
      principal,
      controller,
      lifeMs,
      createdAt: clock.now(),
      expiresAt: clock.monotonic() + lifeMs,
      holds: 0,
      lastSeenAt: clock.now(),
      lastAddress: start.address,
      lastUserAgent: userAgent,
    };
    this.#byHash.set(session.hash, session);
    this.#byPrincipal.set(principal, session);
    return { token, principal };
  }

  /** The owner of a live session; undefined for unknown, revoked and expired tokens. */
  find(token: string, client?: SessionClient): Principal | undefined {
    const session = this.#byHash.get(hashOf(token));
    if (session === undefined || this.#isOver(session)) return undefined;
    if (client !== undefined) {
      session.lastSeenAt = this.#options.clock.now();
      session.lastAddress = client.address;
      session.lastUserAgent = client.userAgent.slice(0, MAX_AGENT_LENGTH);
    }
    return session.principal;
  }

  /** Ends all sessions of a user, but for the one with the id `except`, and aborts their signals. */
  dropUser(user: string, except?: string): void {
    for (const session of this.#byHash.values()) {
      if (session.principal.user === user && session.id !== except) this.#revoke(session);
    }
  }

  /** Ends one session of a user. False when there is none of this id. */
  drop(user: string, id: string): boolean {
    const session = this.#liveOf(user).find((candidate) => candidate.id === id);
    if (session !== undefined) this.#revoke(session);
    return session !== undefined;
  }

  /** A socket of this session opened; call the result when it has closed. Principals without a session are ignored. */
  hold(principal: Principal): () => void {
    const session = this.#byPrincipal.get(principal);
    if (session === undefined) return () => undefined;
    session.holds += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const wasKept = this.#isKept(session);
      session.holds -= 1;
      if (wasKept && session.holds === 0) {
        session.expiresAt = this.#options.clock.monotonic() + session.lifeMs;
      }
      this.#isOver(session);
    };
  }

  /** Live sessions of a user, oldest first. */
  list(user: string): SessionSummary[] {
    return this.#liveOf(user).map((session) => this.#summaryOf(session));
  }

  #summaryOf(session: Session): SessionSummary {
    const { id, start, createdAt, holds, lastSeenAt, lastAddress, lastUserAgent } = session;
    const now = this.#options.clock.monotonic();
    const leftMs = this.#isKept(session) ? Number.POSITIVE_INFINITY : session.expiresAt - now;
    const secondsLeft = Number.isFinite(leftMs) ? Math.floor(leftMs / 1000) : null;
    const last = { lastSeenAt, lastAddress, lastUserAgent };
    return { ...start, id, createdAt, secondsLeft, sockets: holds, ...last };
  }

  #isKept(session: Session): boolean {
    return this.#options.extend && session.holds > 0;
  }

  /** Also forgets a session that ran out and that nobody holds. */
  #isOver(session: Session): boolean {
    if (this.#isKept(session)) return false;
    if (this.#options.clock.monotonic() < session.expiresAt) return false;
    if (session.holds === 0) this.#forget(session);
    return true;
  }

  #liveOf(user: string): Session[] {
    return [...this.#byHash.values()].filter(
      (session) => session.principal.user === user && !this.#isOver(session),
    );
  }

  #makeRoom(user: string): void {
    const mine = this.#liveOf(user);
    const [oldest] = mine;
    if (mine.length >= MAX_PER_USER && oldest !== undefined) this.#revoke(oldest);
  }

  #revoke(session: Session): void {
    this.#forget(session);
    session.controller.abort();
  }

  #forget(session: Session): void {
    this.#byHash.delete(session.hash);
    this.#byPrincipal.delete(session.principal);
  }
}
