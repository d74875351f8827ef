/**
 * Login sessions (PiKVM API 3.4): in memory only, absolute life on the monotonic clock, checked when the cookie is
 * used. Revoking a session aborts its principal's signal; running out of time does not, as in the original.
 */
import { createHash, randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { Clock } from "../../core/clock.ts";
import type { Principal, UserRole } from "./principal.ts";

const MAX_PER_USER = 64;

interface Session {
  readonly hash: string;
  readonly principal: Principal;
  readonly controller: AbortController;
  readonly lifeMs: number;
  readonly createdAt: number;
  /** Monotonic milliseconds; infinite while held. */
  expiresAt: number;
  holds: number;
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

export interface SessionSummary {
  /** Wall clock, epoch milliseconds. */
  readonly createdAt: number;
  /** Seconds left, null when it does not expire by itself. */
  readonly secondsLeft: number | null;
  /** Open sockets that came with its cookie. */
  readonly sockets: number;
}

/** An abort signal that any number of sockets may listen to. */
export function createRevocation(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

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
  create(user: string, role: UserRole, requestedSeconds: number): NewSession {
    this.#makeRoom(user);
    const { clock, expireSeconds } = this.#options;
    const asked = requestedSeconds === 0 ? Number.POSITIVE_INFINITY : requestedSeconds;
    const allowed = expireSeconds === 0 ? Number.POSITIVE_INFINITY : expireSeconds;
    const lifeMs = Math.min(asked, allowed) * 1000;
    const controller = createRevocation();
    const principal: Principal = { user, role, via: "cookie", revoked: controller.signal };
    const token = randomBytes(32).toString("hex");
    const session: Session = {
      hash: hashOf(token),
      principal,
      controller,
      lifeMs,
      createdAt: clock.now(),
      expiresAt: clock.monotonic() + lifeMs,
      holds: 0,
    };
    this.#byHash.set(session.hash, session);
    this.#byPrincipal.set(principal, session);
    return { token, principal };
  }

  /** The owner of a live session; undefined for unknown, revoked and expired tokens. */
  find(token: string): Principal | undefined {
    const session = this.#byHash.get(hashOf(token));
    if (session === undefined || this.#isOver(session)) return undefined;
    return session.principal;
  }

  /** Ends all sessions of a user and aborts their signals. */
  dropUser(user: string): void {
    for (const session of this.#byHash.values()) {
      if (session.principal.user === user) this.#revoke(session);
    }
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
    const now = this.#options.clock.monotonic();
    return this.#liveOf(user).map((session) => {
      const leftMs = this.#isKept(session) ? Number.POSITIVE_INFINITY : session.expiresAt - now;
      return {
        createdAt: session.createdAt,
        secondsLeft: Number.isFinite(leftMs) ? Math.floor(leftMs / 1000) : null,
        sockets: session.holds,
      };
    });
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
