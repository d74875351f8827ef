/** The release of PiKVM's daemon whose API is spoken; clients read it from `system.kvmd.version` (PiKVM API 4.2). */
export const KVMD_VERSION = "4.197";

/** The same as the numbers of the first WebSocket event, `loop` (PiKVM API 5.2). */
export const KVMD_API_VERSION = { major: 4, minor: 197 } as const;
