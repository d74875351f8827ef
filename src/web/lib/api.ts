import { commonText } from "../i18n/common-text.ts";
import { problemCodeOf } from "../i18n/problem-codes.ts";
import { problemsText } from "../i18n/problems-text.ts";
import { serverWordsText } from "../i18n/server-words-text.ts";
import { errorSentence, failureSentence } from "./error-sentence.ts";
import { isObject, objectOf, parseJson, textOf } from "./json.ts";

const WORDS = { common: commonText.t, problem: problemsText.t, said: serverWordsText };

/** A request that failed. `message` is a sentence that says what to do, in the visitor's language. */
export class ApiError extends Error {
  /** 0: there was no answer at all. */
  readonly status: number;
  /** The class or code that the server names; empty when it names none. */
  readonly code: string;
  /** What the server said, in its words. */
  readonly detail: string;

  constructor(status: number, code: string, detail: string) {
    super(errorSentence({ status, code, detail }, WORDS));
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

type QueryValue = string | number | boolean | undefined;

export interface CallOptions {
  /** Undefined values are left out; booleans become 1 and 0. */
  readonly query?: Readonly<Record<string, QueryValue>> | undefined;
  /** Text or form as it is; anything else as JSON. */
  readonly body?: BodyInit | Readonly<Record<string, unknown>> | readonly unknown[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

function queryText(query: CallOptions["query"]): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    params.set(name, typeof value === "boolean" ? (value ? "1" : "0") : String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** The address of a resource with its query. */
export function urlOf(path: string, query?: CallOptions["query"]): string {
  return path + queryText(query);
}

/** Told when an answer says that the visitor is not signed in, or leaves that open: `isSure` false. */
type SignedOutListener = (isSure: boolean) => void;
let onSignedOut: SignedOutListener = () => undefined;
export function whenSignedOut(listener: SignedOutListener): void {
  onSignedOut = listener;
}

/** What a failed answer says, in PiKVM's envelope or in ours. */
export function errorFrom(status: number, text: string): ApiError {
  const body = objectOf(parseJson(text));
  const result = isObject(body["result"]) ? body["result"] : body;
  const code = textOf(result["error"]) || textOf(result["code"]);
  const detail = textOf(result["error_msg"]) || textOf(result["message"]);
  return new ApiError(status, code, detail);
}

function isJsonBody(body: CallOptions["body"]): body is Json {
  if (body === undefined || typeof body === "string") return false;
  return Array.isArray(body) || Object.getPrototypeOf(body) === Object.prototype;
}
type Json = Readonly<Record<string, unknown>> | readonly unknown[];

async function send(method: string, path: string, options: CallOptions): Promise<Response> {
  const { query, body, signal } = options;
  const init: RequestInit = {
    method,
    signal: signal ?? null,
    credentials: "same-origin",
    cache: "no-store",
  };
  if (isJsonBody(body)) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  } else if (body !== undefined) {
    init.body = body;
  }
  try {
    return await fetch(urlOf(path, query), init);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError(0, "", "");
  }
}

/** Whoever only has to send a one-time code, too, is still signed in. */
const isSignedOut = ({ status, code }: ApiError): boolean =>
  status === 401 && problemCodeOf(code) !== "CODE_REQUIRED";

/** A request whose answer is read by the caller. Rejects with `ApiError`, or with an `AbortError` when it was aborted. */
export async function request(
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Response> {
  const response = await send(method, path, options);
  if (response.ok) return response;
  const error = errorFrom(response.status, await response.text());
  // A session that has ended is refused like something that the account may not do.
  if (response.status === 401 || response.status === 403) onSignedOut(isSignedOut(error));
  throw error;
}

/** The answer as JSON: the `result` where it comes in PiKVM's envelope. Check what it is with `json.ts`. */
export async function call(
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<unknown> {
  const response = await request(method, path, options);
  const body = parseJson(await response.text());
  return isObject(body) && "ok" in body && "result" in body ? body["result"] : body;
}

export const get = (path: string, options?: CallOptions): Promise<unknown> =>
  call("GET", path, options);
export const post = (path: string, options?: CallOptions): Promise<unknown> =>
  call("POST", path, options);

/** A sentence for an error that an answer tells about: its code, which may be empty, and the server's words. */
export const failureText = (code: string, detail: string): string =>
  failureSentence(code, detail, WORDS);

/** A sentence for whatever was thrown; empty for what the visitor has aborted. */
export function sentenceOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "AbortError") return "";
  if (error instanceof ApiError) return error.message;
  return commonText.t("error.page", {
    detail: error instanceof Error ? error.message : String(error),
  });
}
