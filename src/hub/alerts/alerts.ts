import { AppError } from "../../core/errors.ts";
import type {
  ActiveAlert,
  AlertPreview,
  AlertRule,
  AlertRuleBody,
} from "../../protocol/fleet/alerts.ts";

export class AlertRuleNotFoundError extends AppError {
  static readonly code = "ALERT_RULE_NOT_FOUND";
  constructor(message = "There is no such alert rule", options?: ErrorOptions) {
    super("notFound", AlertRuleNotFoundError.code, message, options);
  }
}

/**
 * Rules and what they have raised. Every node is looked at once in ten seconds, whatever reports it sends. What is
 * raised survives restarts of the hub: nothing is told twice, and nothing is cleared before there are new figures.
 */
export interface Alerts {
  /** By id. */
  readonly rules: readonly AlertRule[];
  /** Rejects with `ValidationError` or `StorageError`. At most 200 rules. */
  add(rule: AlertRuleBody): Promise<AlertRule>;
  /** Begins anew with what it has raised where the condition is another one. Rejects with `AlertRuleNotFoundError`, too. */
  replace(id: number, rule: AlertRuleBody): Promise<AlertRule>;
  remove(id: number): Promise<void>;
  /** What is raised now, the newest first. */
  active(): readonly ActiveAlert[];
  /** How many are raised on a node. */
  countOf(node: number): number;
  /** What a rule would have raised in the last so many hours, from the history. Rejects with `StorageError`. */
  preview(rule: AlertRuleBody, hours: number): Promise<AlertPreview>;
}
