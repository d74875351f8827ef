import { ValidationError } from "../../core/errors.ts";
import type { AlertRule, AlertRuleBody } from "../../protocol/fleet/alerts.ts";
import type { Tables } from "../series/series.ts";
import { parseTree } from "../stored-json.ts";
import { AlertRuleNotFoundError } from "./alerts.ts";

const MOST_RULES = 200;

const DEFAULTS: AlertRuleBody = {
  name: "",
  isEnabled: false,
  severity: "warning",
  scope: { cover: "only", nodes: [], groups: [], tags: [] },
  condition: { kind: "offline", afterSeconds: 0 },
  channels: [],
  reminderHours: 0,
  tellsRecovery: true,
};

/** Without the id, which the row has. */
function storedText(rule: AlertRuleBody): string {
  const { name, isEnabled, severity, scope, condition } = rule;
  const { channels, reminderHours, tellsRecovery } = rule;
  const told = { channels, reminderHours, tellsRecovery };
  return JSON.stringify({ name, isEnabled, severity, scope, condition, ...told });
}

/** The rules in the hub's tables. Changes are in the file before their promise resolves. */
export class RuleBook {
  readonly #tables: Tables;
  readonly #byId = new Map<number, AlertRule>();
  #rules: readonly AlertRule[] = [];

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Rejects with `StorageError`. */
  async load(): Promise<void> {
    const sql = "SELECT id, settings FROM alert_rule ORDER BY id";
    for (const row of await this.#tables.read({ sql, values: [] })) {
      this.#put({ ...parseTree(row["settings"], DEFAULTS), id: Number(row["id"]) });
    }
  }

  get rules(): readonly AlertRule[] {
    return this.#rules;
  }

  byId(id: number): AlertRule | undefined {
    return this.#byId.get(id);
  }

  async add(rule: AlertRuleBody): Promise<AlertRule> {
    if (this.#byId.size >= MOST_RULES) {
      throw new ValidationError(`There are ${MOST_RULES} alert rules already`);
    }
    const sql = "INSERT INTO alert_rule (settings) VALUES (?) RETURNING id";
    const rows = await this.#tables.read({ sql, values: [storedText(rule)] });
    return this.#put({ ...rule, id: Number(rows[0]?.["id"]) });
  }

  async replace(id: number, body: AlertRuleBody): Promise<AlertRule> {
    this.demand(id);
    const rule = { ...body, id };
    const sql = "UPDATE alert_rule SET settings = ? WHERE id = ?";
    await this.#tables.write([{ sql, values: [storedText(rule), id] }]);
    this.demand(id);
    return this.#put(rule);
  }

  async remove(id: number): Promise<void> {
    this.demand(id);
    await this.#tables.write([{ sql: "DELETE FROM alert_rule WHERE id = ?", values: [id] }]);
    this.#byId.delete(id);
    this.#rules = [...this.#byId.values()];
  }

  /** Throws `AlertRuleNotFoundError`. */
  demand(id: number): AlertRule {
    const rule = this.#byId.get(id);
    if (rule === undefined) throw new AlertRuleNotFoundError();
    return rule;
  }

  #put(rule: AlertRule): AlertRule {
    this.#byId.set(rule.id, rule);
    this.#rules = [...this.#byId.values()].sort((a, b) => a.id - b.id);
    return rule;
  }
}
