import { refusalIn } from "../../protocol/komari/sign-in.ts";
import type { SignInRefusal } from "../../protocol/komari/sign-in.ts";
import { get } from "./api.ts";
import { isTrue, objectOf } from "./json.ts";
import { hasPart } from "./session.ts";

/** Through whom people may sign in as well; undefined for nobody. */
export type SignInProvider = "github" | "other" | undefined;

/** Why this page was come back to from a provider, once: the address forgets it, so that a reload does not repeat it. */
export function takeRefusal(): SignInRefusal | undefined {
  const refusal = refusalIn(location.search);
  if (refusal !== undefined) history.replaceState(null, "", location.pathname);
  return refusal;
}

/** Asks the hub; a machine without one knows none. Never rejects: the password works all the same. */
export async function loadProvider(): Promise<SignInProvider> {
  if (!hasPart("hub")) return undefined;
  try {
    const settings = objectOf(objectOf(await get("/api/public"))["data"]);
    if (!isTrue(settings["oauth_enable"])) return undefined;
    return settings["oauth_provider"] === "github" ? "github" : "other";
  } catch {
    return undefined;
  }
}
