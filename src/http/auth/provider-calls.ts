import { ProviderError, demandSafe } from "./identity-provider.ts";
import type { WebClient } from "../../platform/web/port.ts";

const TIMEOUT_MS = 10_000;
const MAX_BODY = 256 * 1024;

export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that has to be a text. Throws `ProviderError`. */
export function textOf(tree: Tree, name: string): string {
  const value = tree[name];
  if (typeof value === "string" && value !== "") return value;
  throw new ProviderError(`The provider's answer has no '${name}'`);
}

export interface ProviderCall {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a form; a GET without it. */
  readonly form?: Readonly<Record<string, string>>;
}

/** One exchange with a provider; the JSON object that it answers with. Redirects are not followed. */
export async function callProvider(web: WebClient, call: ProviderCall): Promise<Tree> {
  const { url, headers = {}, form } = call;
  const shared = {
    url: demandSafe(url),
    timeoutMs: TIMEOUT_MS,
    maxBodyBytes: MAX_BODY,
    signal: new AbortController().signal,
  };
  const common = { Accept: "application/json", "User-Agent": "farhand", ...headers };
  const { status, body } = await web.request(
    form === undefined
      ? { ...shared, method: "GET", headers: common }
      : {
          ...shared,
          method: "POST",
          headers: { ...common, "Content-Type": "application/x-www-form-urlencoded" },
          body: new URLSearchParams(form).toString(),
        },
  );
  const tree = parse(body);
  const { host } = new URL(url);
  if (status === 200 && tree !== undefined && tree["error"] === undefined) return tree;
  // The provider's word for it is fixed by OAuth; the rest of the answer may hold anything.
  const { error } = tree ?? {};
  const word = typeof error === "string" ? error.slice(0, 64) : "no JSON object";
  throw new ProviderError(`${host} answered ${status}: ${word}`);
}

function parse(body: string): Tree | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isTree(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
