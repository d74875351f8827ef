/**
 * What the hub says in place of the output when it could not have a command run (exit code -1), by what has happened.
 * Agents have words of their own.
 */
export const COMMAND_FAILURES = {
  nodeOffline: "The node is not connected",
  nodeRemoved: "The node was removed",
  agentSilent: "The agent did not answer in time",
  forbidden: "It is not allowed any more",
  notRecorded: "It could not be recorded",
} as const;
export type CommandFailure = keyof typeof COMMAND_FAILURES;
