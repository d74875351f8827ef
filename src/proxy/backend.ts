import { isAborted } from "../core/abort.ts";
import { createBackoff } from "../core/backoff.ts";
import { sleep } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { createLane } from "../core/lane.ts";
import type { Logger } from "../core/log.ts";
import { createScope } from "../core/scope.ts";
import type { Scope } from "../core/scope.ts";
import type { Platform } from "../platform/platform.ts";
import type { User } from "../protocol/pasarguard/messages.ts";
import { readCoreConfig } from "../protocol/xray/config.ts";
import type { CoreConfig } from "../protocol/xray/config.ts";
import { isShadowsocks2022 } from "./accounts.ts";
import { applyChanges } from "./apply-changes.ts";
import type { ChangeFailure } from "./apply-changes.ts";
import type { CoreClient } from "./core-client.ts";
import type { CoreCommand } from "./core-command.ts";
import { startCoreRun } from "./core-run.ts";
import type { CoreRun } from "./core-run.ts";
import { LogBuffer } from "./log-buffer.ts";
import { CoreCallError, CoreDownError, UserSyncError } from "./proxy-errors.ts";
import { Traffic } from "./traffic.ts";
import { UserBook } from "./user-book.ts";
import type { UserChange } from "./user-book.ts";

export interface BackendOptions {
  readonly command: CoreCommand;
  readonly platform: Pick<Platform, "clock" | "process" | "loopback">;
  readonly log: Logger;
}

/** What a panel wants to run. */
export interface BackendRequest {
  /** JSON text of the core's configuration. */
  readonly config: string;
  readonly users: readonly User[];
  readonly excludeInbounds: readonly string[];
}

const HEALTH_PERIOD_MS = 2000;
const HEALTH_TIMEOUT_MS = 3000;
/** A core that lives but does not answer is started again after so many tries in a row. */
const MAX_SILENCES = 10;
const RESTART_DELAYS_MS = [1000, 2000, 5000, 10_000, 30_000];
/** A core that lived this long had no trouble with its configuration. */
const HEALTHY_MS = 10_000;
/** More changes than this would take longer, one call each, than clients wait; a new core with all of them does not. */
const MAX_LIVE_CHANGES = 8000;
const TAIL_LINES = 10;
/** Lines of the core's log that tell what users do: no business of the daemon's own log. */
const ACCESS_LINE = / (?:accepted|rejected) /;
const SHOWN_FAILURES = 20;

function failureText(title: string, failures: readonly ChangeFailure[]): string {
  const lines = failures
    .slice(0, SHOWN_FAILURES)
    .map(({ change, error }) => `${change.inbound.tag}: ${change.email}: ${error.message}`);
  const more = failures.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  return [title, ...lines].join("\n");
}

/**
 * A supervised core on behalf of a panel: from a Start until the next one, a Stop or the end of the keep-alive.
 * Changes of users and restarts happen one after the other; readings do not wait for them.
 */
export class Backend {
  readonly log = new LogBuffer();
  readonly traffic = new Traffic();
  readonly config: CoreConfig;
  readonly metricsPort: number;
  readonly #options: BackendOptions;
  readonly #apiPort: number;
  readonly #book: UserBook;
  readonly #scope: Scope;
  readonly #lane = createLane();
  /** Tags of inbounds that the running core was given without users. */
  #startedEmpty: ReadonlySet<string> = new Set();
  #run: CoreRun | undefined;
  /** Aborted when the running core ends, or this backend does. */
  #ended = new AbortController();

  private constructor(
    options: BackendOptions,
    request: BackendRequest,
    [apiPort, metricsPort]: readonly [number, number],
  ) {
    const { config, excludeInbounds, users } = request;
    this.#options = options;
    this.#apiPort = apiPort;
    this.metricsPort = metricsPort;
    this.config = readCoreConfig(config, { apiPort, metricsPort, excludeInbounds });
    this.#book = new UserBook(this.config.inbounds);
    this.#book.load(users);
    this.#scope = createScope("proxy-core", options.log);
    this.#scope.defer(() => {
      this.log.close();
    });
    const endRun = () => this.#run?.end();
    // A change in the middle of a restart may leave one more core; without the first its calls come to an end.
    this.#scope.defer(endRun);
    this.#scope.defer(() => this.#lane(() => Promise.resolve()));
    this.#scope.defer(endRun);
  }

  /** Launches the core and waits until it serves. On failure nothing is left. Aborting ends it. */
  static async start(
    options: BackendOptions,
    request: BackendRequest,
    signal: AbortSignal,
  ): Promise<Backend> {
    const [apiPort = 0, metricsPort = 0] = await options.platform.loopback.freePorts(2);
    const backend = new Backend(options, request, [apiPort, metricsPort]);
    try {
      await backend.#launch(signal);
    } catch (error) {
      await backend.close();
      throw error;
    }
    backend.#scope.task("health", (closing) => backend.#watch(closing));
    return backend;
  }

  get version(): string {
    return this.#options.command.version;
  }

  get isUp(): boolean {
    return this.#run?.isRunning === true;
  }

  /** The API of the running core. Throws `CoreDownError`. */
  get client(): CoreClient {
    const run = this.#run;
    if (run?.isRunning !== true) throw new CoreDownError();
    return run.client;
  }

  /** One user, in every inbound. Rejects with `UserSyncError`; what was possible is done. */
  syncUser(user: User): Promise<void> {
    return this.#change("failed to add user:", () => this.#book.rewrite(user));
  }

  /** Many users; those who are not mentioned stay as they are. */
  mergeUsers(users: readonly User[]): Promise<void> {
    return this.#change("failed to update users:", () => this.#book.merge(users));
  }

  /** Many users; those who are not mentioned go. */
  replaceUsers(users: readonly User[]): Promise<void> {
    return this.#change("failed to update users:", () => this.#book.replace(users));
  }

  /** Ends the core and every reader of its log. Idempotent; never rejects. */
  async close(): Promise<void> {
    try {
      await this.#scope.close();
    } catch (error) {
      this.#options.log.error({ err: error }, "The core did not end properly");
    }
  }

  #change(title: string, plan: () => readonly UserChange[]): Promise<void> {
    return this.#lane(async () => {
      const { client } = this;
      const changes = plan();
      if (changes.length > MAX_LIVE_CHANGES) {
        await this.#restart();
        return;
      }
      const failures = await applyChanges(client, this.#book, changes);
      if (failures.length === 0) return;
      if (failures.some((failure) => this.#needsRestart(failure))) {
        await this.#restart();
        return;
      }
      throw new UserSyncError(failureText(title, failures), { cause: failures[0]?.error });
    });
  }

  /** An inbound of this kind that was started without users has no list to which anybody could be added. */
  #needsRestart({ change: { inbound }, error }: ChangeFailure): boolean {
    return (
      isShadowsocks2022(inbound.method) &&
      this.#startedEmpty.has(inbound.tag) &&
      this.#book.hasMembers(inbound) &&
      error.message.includes("proxy is not a UserManager")
    );
  }

  /** On purpose: what was counted so far is kept for the panel's next reading. */
  async #restart(): Promise<void> {
    const run = this.#run;
    if (run?.isRunning === true) {
      await this.traffic.saveAll(run.client).catch((error: unknown) => {
        this.#options.log.warn({ err: error }, "Counters of the core were lost");
      });
    }
    await this.#launch(this.#scope.signal);
  }

  async #launch(signal: AbortSignal): Promise<void> {
    const { command, platform } = this.#options;
    await this.#run?.end();
    this.#run = undefined;
    const config = this.config.render((inbound) => this.#book.clientsOf(inbound));
    this.#startedEmpty = new Set(
      this.config.inbounds
        .filter((inbound) => !this.#book.hasMembers(inbound))
        .map(({ tag }) => tag),
    );
    const run = await startCoreRun(
      {
        ...platform,
        command,
        config,
        apiPort: this.#apiPort,
        onLine: (line) => {
          this.log.append(line);
        },
      },
      signal,
    );
    const ended = new AbortController();
    void run.exited.then(() => {
      ended.abort();
    });
    this.#run = run;
    this.#ended = ended;
    this.#book.trust();
  }

  /** Starts the core again when it has ended, or lives on without answering. */
  async #watch(closing: AbortSignal): Promise<void> {
    const { clock } = this.#options.platform;
    const backoff = createBackoff({ stepsMs: RESTART_DELAYS_MS });
    let silences = 0;
    let upSince = clock.monotonic();
    closing.addEventListener("abort", () => {
      this.#ended.abort();
    });
    while (!isAborted(closing)) {
      await sleep(clock, HEALTH_PERIOD_MS, this.#ended.signal).catch(() => undefined);
      if (isAborted(closing)) return;
      silences = (await this.#isHealthy()) ? 0 : silences + 1;
      if (this.isUp && silences < MAX_SILENCES) {
        if (clock.monotonic() - upSince >= HEALTHY_MS) backoff.reset();
        continue;
      }
      await sleep(clock, backoff.next(), closing).catch(() => undefined);
      if (isAborted(closing)) return;
      await this.#lane(() => this.#revive(silences));
      silences = 0;
      upSince = clock.monotonic();
    }
  }

  async #isHealthy(): Promise<boolean> {
    const run = this.#run;
    if (run?.isRunning !== true) return false;
    try {
      await run.sysStats(HEALTH_TIMEOUT_MS);
      return true;
    } catch (error) {
      if (error instanceof CoreCallError) return false;
      throw error;
    }
  }

  async #revive(silences: number): Promise<void> {
    // A change of users may have started it in the meantime.
    if (this.isUp && silences < MAX_SILENCES) return;
    const { log } = this.#options;
    const tail = this.log.tail(TAIL_LINES).filter((line) => !ACCESS_LINE.test(line));
    log.warn({ silences, tail }, "The proxy core ended or fell silent, starting it again");
    try {
      await this.#launch(this.#scope.signal);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.kind === "cancelled") return;
      log.warn({ err: error }, "The proxy core could not be started again");
    }
  }
}
