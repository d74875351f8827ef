import type { SettingView } from "../../../protocol/native/settings.ts";
import type { Json } from "../../lib/json.ts";

/** Body of `PATCH /native/settings`: what is to be written, and what stood there when it was shown. */
export function patchOf(
  settings: readonly SettingView[],
  changes: Json,
): { readonly changes: Json; readonly seen: Json } {
  const shown = settings.filter(({ path }) => path in changes);
  return { changes, seen: Object.fromEntries(shown.map(({ path, value }) => [path, value])) };
}
