import type { SettingsKeeper } from "../../src/config/settings.ts";

/** Settings that nothing becomes of: the routes that change them are there, for those who walk all routes. */
export function inertSettings(): SettingsKeeper {
  const snapshot = { file: "/farhand.yaml", settings: [], restarts: [] };
  return {
    read: () => Promise.resolve(snapshot),
    change: () => Promise.resolve(snapshot),
    pair: () => Promise.resolve(""),
    unpair: () => Promise.resolve(""),
    takeOver: () => Promise.resolve({ restarted: [], problem: null, failures: [] }),
    restart: () => undefined,
  };
}
