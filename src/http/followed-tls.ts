/** Certificates that are replaced under the same path: new connections get the new one, open ones go on. */
import { X509Certificate } from "node:crypto";
import { sleep } from "../core/clock.ts";
import type { Clock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import { createLane } from "../core/lane.ts";
import type { Logger } from "../core/log.ts";
import type { Scope } from "../core/scope.ts";
import { createStore } from "../core/store.ts";
import type { MutableStore, Store } from "../core/store.ts";
import type { FileStore } from "../platform/files/port.ts";
import type { TlsMaterial } from "./node-server.ts";
import { loadTlsFiles } from "./tls.ts";

/** What was read or made at the start. */
export interface FirstTls extends TlsMaterial {
  /** False when it could not be written, so that the files hold something else, or nothing. Default true. */
  readonly isStored?: boolean;
}

export interface FollowedTlsOptions {
  /** PEM files, through links as well. */
  readonly cert: string;
  readonly key: string;
  /** Section of the configuration that names the files, for messages. Default `http.tls`. */
  readonly section?: string;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Makes another pair in place of one that is over; absent where somebody else does. */
  readonly renew?: () => Promise<TlsMaterial>;
}

/** Cheap enough for a board, and nobody waits for a renewal. */
const LOOK_EVERY_MS = 60_000;
/** The first one may have met a pair that was just being replaced. */
const FAILURES_BEFORE_COMPLAINT = 2;

function endOf({ cert }: TlsMaterial): number {
  return Date.parse(new X509Certificate(cert).validTo);
}

/** A certificate with its key, and what becomes of their files while the program runs. */
export class FollowedTls {
  readonly #options: FollowedTlsOptions;
  readonly #material: MutableStore<TlsMaterial>;
  #endsAt: number;
  #seen: string | undefined;
  #failures = 0;
  #problem: string | undefined;
  readonly #inTurn = createLane();

  constructor({ cert, key, isStored = true }: FirstTls, options: FollowedTlsOptions) {
    this.#options = options;
    this.#material = createStore({ cert, key });
    this.#endsAt = endOf(this.#material.value);
    // The first look reads what has changed since the files were read. Those beside a pair that could not be stored have
    // been found wanting already.
    this.#seen = isStored ? undefined : this.#mark();
  }

  /** What is in use. Everything in it has been checked: it fits together, and a server takes it. */
  get material(): Store<TlsMaterial> {
    return this.#material;
  }

  /** Why the files are not in use as they are now, for people; undefined when they are. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Looks once a minute until the scope closes. */
  follow(scope: Scope): void {
    scope.task("certificate", async (signal) => {
      for (;;) {
        await sleep(this.#options.clock, LOOK_EVERY_MS, signal);
        await this.look();
      }
    });
  }

  /** Takes over what has changed until now. What cannot be used is left alone until the next look; never rejects. */
  look(): Promise<void> {
    return this.#inTurn(() => this.#look());
  }

  async #look(): Promise<void> {
    const { clock, renew } = this.#options;
    const mark = this.#mark();
    const making = this.#endsAt <= clock.now() ? renew : undefined;
    if (making === undefined && mark === this.#seen && this.#failures === 0) return;
    try {
      const { cert, key } = await (making ?? this.#read)();
      this.#takeOver({ cert, key });
      this.#seen = mark;
    } catch (error) {
      this.#complain(describeError(error));
    }
  }

  readonly #read = (): Promise<TlsMaterial> => loadTlsFiles(this.#options);

  /** Changes with either file. */
  #mark(): string {
    const { cert, key, files } = this.#options;
    return [files.fingerprint(cert), files.fingerprint(key)].join(" ");
  }

  #takeOver(next: TlsMaterial): void {
    const { cert, log } = this.#options;
    const before = this.#material.value;
    if (next.cert !== before.cert || next.key !== before.key) {
      this.#endsAt = endOf(next);
      this.#material.set(next);
      const endsAt = new Date(this.#endsAt).toISOString();
      log.info({ cert, endsAt }, "Another certificate is in use for new connections");
    } else if (this.#problem !== undefined) {
      log.info({ cert }, "The certificate's files are again those in use");
    }
    this.#failures = 0;
    this.#problem = undefined;
  }

  #complain(reason: string): void {
    this.#failures += 1;
    if (this.#failures < FAILURES_BEFORE_COMPLAINT) return;
    if (this.#problem === undefined) {
      this.#options.log.warn(
        { reason },
        "The certificate cannot be replaced, the one in use stays",
      );
    }
    this.#problem = reason;
  }
}
