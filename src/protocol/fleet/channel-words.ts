/** Members that are never told again, by kind. They have to be given again when the server is another one. */
export const CHANNEL_SECRETS = {
  webhook: ["url", "headers"],
  email: ["password"],
  telegram: ["token"],
  bark: ["key"],
  serverchan: ["key"],
  ntfy: ["token"],
} as const;
