import type { Clock } from "../../core/clock.ts";
import { isEqual } from "../../core/store.ts";
import type {
  ActiveAlert,
  AlertPreview,
  AlertRule,
  AlertRuleBody,
} from "../../protocol/fleet/alerts.ts";
import type { EventLog } from "../event-log.ts";
import type { Presence } from "../presence.ts";
import type { Ingest, NodeTraffic } from "../ingest.ts";
import type { KvmBoard } from "../kvm-board.ts";
import type { NoticeSink } from "../notify/notice.ts";
import type { PendingWrites } from "../pending-writes.ts";
import type { NodeRecord, Registry } from "../registry.ts";
import type { Series, Tables } from "../series/series.ts";
import { isForgettable, QUIET, stepAlert } from "./alert-machine.ts";
import type { AlertEffect, AlertState } from "./alert-machine.ts";
import { AlertStates } from "./alert-states.ts";
import type { Alerts } from "./alerts.ts";
import { previewRule } from "./preview.ts";
import { RuleBook } from "./rule-book.ts";
import { compileScope } from "./scope.ts";
import type { Judge, Look, Verdict } from "./judge.ts";
import { BASE_SECONDS, createJudge } from "./verdicts.ts";

export interface FleetAlertsOptions {
  readonly tables: Tables;
  readonly writes: PendingWrites;
  readonly registry: Registry;
  readonly ingest: Pick<Ingest, "latest">;
  readonly presence: Presence;
  readonly kvm: KvmBoard;
  readonly series: Pick<Series, "load" | "pings">;
  readonly events: EventLog;
  readonly traffic: (node: number) => NodeTraffic;
  readonly notices: NoticeSink;
  readonly clock: Clock;
}

interface Watched {
  readonly rule: AlertRule;
  readonly covers: (node: NodeRecord) => boolean;
  readonly judge: Judge;
}

const HOUR_MS = 3_600_000;
/** A hub that stood still for so long has missed too much to judge silence. */
const STALL_MS = 30_000;

/** One object serves all rules: there are too many looks to make one for each. */
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Looks at a tenth of the fleet every second; what it finds goes to the events and to the notices. */
export class FleetAlerts implements Alerts {
  readonly #options: FleetAlertsOptions;
  readonly #book: RuleBook;
  readonly #states: AlertStates;
  #watched: readonly Watched[] = [];
  #byTask = new Map<number, readonly Watched[]>();
  #startedMs: number;
  #tickedMs: number;

  constructor(options: FleetAlertsOptions) {
    this.#options = options;
    this.#book = new RuleBook(options.tables);
    this.#states = new AlertStates(options.writes);
    this.#startedMs = options.clock.monotonic();
    this.#tickedMs = this.#startedMs;
    options.registry.subscribe(({ kind, node }) => {
      if (kind === "removed") this.#forget(node.id);
    });
  }

  /** Rejects with `StorageError`. */
  async load(): Promise<void> {
    await Promise.all([this.#book.load(), this.#states.load(this.#options.tables)]);
    this.#watch();
  }

  get rules(): readonly AlertRule[] {
    return this.#book.rules;
  }

  async add(rule: AlertRuleBody): Promise<AlertRule> {
    const added = await this.#book.add(rule);
    this.#watch();
    return added;
  }

  async replace(id: number, body: AlertRuleBody): Promise<AlertRule> {
    const before = this.#book.demand(id);
    const rule = await this.#book.replace(id, body);
    const isAnother = !isEqual(before.condition, rule.condition);
    if (isAnother || !rule.isEnabled) this.#states.forgetRule(id);
    this.#watch();
    return rule;
  }

  async remove(id: number): Promise<void> {
    await this.#book.remove(id);
    this.#states.forgetRule(id);
    this.#watch();
  }

  countOf(node: number): number {
    return this.#states.raisedOn(node);
  }

  active(): readonly ActiveAlert[] {
    return this.#states
      .all()
      .flatMap(({ rule: id, node, state }) => {
        const rule = this.#book.byId(id);
        return rule === undefined || !state.isRaised ? [] : [activeAlert(rule, node, state)];
      })
      .sort((a, b) => b.since - a.since);
  }

  preview(rule: AlertRuleBody, hours: number): Promise<AlertPreview> {
    const { registry, series, presence, kvm, clock } = this.#options;
    return previewRule({ rule, hours, registry, series, presence, kvm, now: clock.now() });
  }

  /** An answer of a ping task, or its loss; cheap for tasks without rules. */
  ping(task: number, node: number, elapsedMs: number | undefined): void {
    const watched = this.#byTask.get(task);
    if (watched === undefined) return;
    const nowMs = this.#options.clock.monotonic();
    for (const { judge } of watched) judge.ping?.(node, elapsedMs, nowMs);
  }

  /** Once a second. */
  tick(second: number): void {
    const { clock, registry, ingest, presence } = this.#options;
    const [now, nowMs] = [clock.now(), clock.monotonic()];
    if (nowMs - this.#tickedMs > STALL_MS) {
      this.#startedMs = nowMs;
      this.#watch(true);
    }
    this.#tickedMs = nowMs;
    if (this.#watched.length === 0) return;
    const turn = second % BASE_SECONDS;
    const round = Math.floor(second / BASE_SECONDS);
    for (const node of registry.nodes) {
      if (node.id % BASE_SECONDS !== turn) continue;
      const report = ingest.latest(node.id);
      const isOnline = presence.isOnline(node.id);
      this.#look({ node, report, isOnline, now, nowMs, round, isRaised: false });
    }
  }

  #look(look: Mutable<Look>): void {
    for (const watched of this.#watched) {
      const { rule, covers, judge } = watched;
      const state = this.#states.get(rule.id, look.node.id);
      if (!covers(look.node)) {
        // Nothing has happened: the rule or the node was changed.
        if (state !== undefined) this.#states.set(rule.id, look.node.id, undefined);
        continue;
      }
      look.isRaised = state?.isRaised ?? false;
      const verdict = judge.judge(look);
      if (state === undefined && verdict.isBad !== true) continue;
      this.#step(rule, look, state, verdict);
    }
  }

  #step(
    rule: AlertRule,
    { node, now: at }: Look,
    before: AlertState | undefined,
    { isBad, value, since }: Verdict,
  ): void {
    const reminderMs = rule.reminderHours * HOUR_MS;
    const { state, effects } = stepAlert(before ?? QUIET, { isBad, value, at, since, reminderMs });
    if (isForgettable(state, at)) this.#states.set(rule.id, node.id, undefined);
    else if (state !== before) this.#states.set(rule.id, node.id, state);
    for (const effect of effects) {
      this.#tell(rule, node, { effect, before: before ?? QUIET, state, value, at });
    }
  }

  #tell(
    rule: AlertRule,
    { id: node, name: nodeName }: NodeRecord,
    { effect, before, state, value, at }: Told,
  ): void {
    const { events, notices } = this.#options;
    const { name: ruleName, severity } = rule;
    if (effect !== "reminder") {
      const isUp = effect === "settled" ? state.isRaised : effect !== "cleared";
      const kind = isUp ? "raised" : "cleared";
      events.append({
        at,
        node,
        kind,
        rule: rule.id,
        severity,
        value: value ?? null,
        text: ruleName,
      });
    }
    if (effect === "cleared" && !rule.tellsRecovery) return;
    const since = effect === "cleared" ? before.since : state.since;
    const { condition, channels } = rule;
    const about = { rule: rule.id, ruleName, condition, severity, channels, node, nodeName };
    const { changes, isRaised } = state;
    notices.post({ ...about, kind: effect, at, since, value, changes, isRaised });
  }

  #forget(node: number): void {
    this.#states.forgetNode(node);
    for (const { judge } of this.#watched) judge.forget(node);
  }

  /** Windows of rules that stay as they are go on; after a stall all begin anew. */
  #watch(isAnew = false): void {
    const { presence, events, traffic, kvm } = this.#options;
    const sources = { presence, events, traffic, kvm };
    const before = new Map(this.#watched.map((watched) => [watched.rule.id, watched]));
    this.#watched = this.#book.rules
      .filter(({ isEnabled }) => isEnabled)
      .map((rule) => {
        const known = before.get(rule.id);
        const isKept = !isAnew && known !== undefined;
        const judge =
          isKept && isEqual(known.rule.condition, rule.condition)
            ? known.judge
            : createJudge(rule.condition, sources, this.#startedMs);
        return { rule, covers: compileScope(rule.scope), judge };
      });
    this.#byTask = new Map();
    for (const watched of this.#watched) {
      const { condition } = watched.rule;
      if (condition.kind !== "ping") continue;
      const others = this.#byTask.get(condition.task) ?? [];
      this.#byTask.set(condition.task, [...others, watched]);
    }
  }
}

interface Told {
  readonly effect: AlertEffect;
  readonly before: AlertState;
  readonly state: AlertState;
  readonly value: number | undefined;
  readonly at: number;
}

function activeAlert(rule: AlertRule, node: number, state: AlertState): ActiveAlert {
  const { since, value = null, isFlapping } = state;
  const { id, name: ruleName, severity } = rule;
  return { rule: id, ruleName, severity, node, since, value, isFlapping };
}
