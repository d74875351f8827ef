import { SocketRefusedError } from "../../platform/web/port.ts";
import type { ClientSocket, WebClient, WebResponse } from "../../platform/web/port.ts";
import { errorText, parseJson } from "../../protocol/komari/commands.ts";
import { withoutNewKeys } from "../../protocol/komari/report.ts";
import type { KomariBasicInfo, KomariReport } from "../../protocol/komari/report.ts";
import { parseRpcAnswer, rpcText } from "../../protocol/komari/rpc.ts";
import { KomariProtocolError, KomariRefusedError } from "./komari-errors.ts";

const REQUEST_TIMEOUT_MS = 15_000;
const SOCKET_TIMEOUT_MS = 15_000;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

/** What a server gave a node that registered itself. */
export interface KomariNode {
  readonly uuid: string;
  readonly token: string;
}

export interface KomariServerOptions {
  /** Base address; a trailing slash does not matter. */
  readonly url: string;
  readonly verifyTls: boolean;
  readonly web: WebClient;
}

/** A finished remote command. */
export interface KomariTaskResult {
  readonly task_id: string;
  readonly result: string;
  readonly exit_code: number;
  readonly finished_at: string;
}

function nodeOf(body: string): KomariNode | undefined {
  const answer = parseJson(body);
  const data: unknown = Reflect.get(Object(answer), "data");
  const uuid: unknown = Reflect.get(Object(data), "uuid");
  const token: unknown = Reflect.get(Object(data), "token");
  if (typeof uuid !== "string" || typeof token !== "string" || token === "") return undefined;
  return { uuid, token };
}

/**
 * The routes of a Komari server for nodes (Komari 1.1). The token goes into a header, where it ends up in no log; stock
 * servers read it from the address only, which is found out with the first request.
 */
export class KomariServer {
  readonly #options: KomariServerOptions;
  readonly #base: string;
  #token = "";
  #isTokenInAddress = false;

  constructor(options: KomariServerOptions) {
    this.#options = options;
    this.#base = options.url.replace(/\/+$/, "");
  }

  setToken(token: string): void {
    this.#token = token;
  }

  /** Makes a node of this machine. Rejects with `KomariRefusedError` when the key is wrong, else like a request. */
  async register(key: string, hostName: string, signal: AbortSignal): Promise<KomariNode> {
    const answer = await this.#options.web.request({
      method: "POST",
      url: `${this.#base}/api/clients/register?name=${encodeURIComponent(hostName)}`,
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify({ key }),
      verifyTls: this.#options.verifyTls,
      timeoutMs: REQUEST_TIMEOUT_MS,
      signal,
    });
    if (answer.status === FORBIDDEN || answer.status === UNAUTHORIZED) {
      throw new KomariRefusedError("The server does not accept the auto-discovery key");
    }
    const node = nodeOf(answer.body);
    if (answer.status !== 200 || node === undefined) {
      throw unexpected("Registration", answer);
    }
    return node;
  }

  /** Version 1; once more without the newer keys for old servers. */
  async uploadBasicInfo(info: KomariBasicInfo, signal: AbortSignal): Promise<void> {
    const path = "/api/clients/uploadBasicInfo";
    const answer = await this.#post(path, JSON.stringify(info), signal);
    if (answer.status === 200 && isJson(answer)) return;
    const second = await this.#post(path, JSON.stringify(withoutNewKeys(info)), signal);
    if (second.status !== 200 || !isJson(second))
      throw unexpected("The node's description", second);
  }

  /** Version 2. Gives the result; rejects with `KomariProtocolError` for everything that is none. */
  async rpc(body: string, signal: AbortSignal, timeoutMs = REQUEST_TIMEOUT_MS): Promise<unknown> {
    const answer = await this.#post("/api/clients/v2/rpc", body, signal, timeoutMs);
    const parsed = parseRpcAnswer(answer.body);
    if (parsed.kind === "result" && answer.status === 200) return parsed.result;
    if (parsed.kind === "error") {
      throw new KomariProtocolError(
        `The server answered: ${parsed.message} (${parsed.code})`,
        answer.status,
      );
    }
    throw unexpected("The JSON-RPC call", answer);
  }

  async rpcBasicInfo(info: KomariBasicInfo, signal: AbortSignal): Promise<void> {
    await this.rpc(rpcText("agent.basicInfo", { info }), signal);
  }

  async postReport(report: KomariReport, signal: AbortSignal): Promise<void> {
    const answer = await this.#post("/api/clients/report", JSON.stringify(report), signal);
    if (answer.status !== 200 || !isJson(answer)) throw unexpected("The report", answer);
  }

  async postTaskResult(result: KomariTaskResult, signal: AbortSignal): Promise<void> {
    const answer = await this.#post("/api/clients/task/result", JSON.stringify(result), signal);
    if (answer.status !== 200) throw unexpected("The result of a command", answer);
  }

  /** Rejects with `KomariRefusedError` when the token is wrong, `KomariProtocolError` when there is no such socket. */
  openReports(version: 1 | 2, signal: AbortSignal): Promise<ClientSocket> {
    const path = version === 1 ? "/api/clients/report" : "/api/clients/v2/rpc";
    return this.#open(path, {}, signal);
  }

  openTerminal(id: string, signal: AbortSignal): Promise<ClientSocket> {
    return this.#open("/api/clients/terminal", { id }, signal);
  }

  async #open(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ClientSocket> {
    const { web, verifyTls } = this.#options;
    const { url, headers } = this.#address(path, query);
    try {
      return await web.openSocket({
        url: url.replace(/^http/, "ws"),
        headers,
        verifyTls,
        timeoutMs: SOCKET_TIMEOUT_MS,
        signal,
      });
    } catch (error) {
      if (!(error instanceof SocketRefusedError)) throw error;
      if (error.status !== UNAUTHORIZED) throw socketRefused(error);
      if (this.#isTokenInAddress) throw tokenRefused();
      return await this.#withTokenInAddress(() => this.#open(path, query, signal));
    }
  }

  async #post(
    path: string,
    body: string,
    signal: AbortSignal,
    timeoutMs = REQUEST_TIMEOUT_MS,
  ): Promise<WebResponse> {
    const { web, verifyTls } = this.#options;
    const send = (): Promise<WebResponse> => {
      const { url, headers } = this.#address(path);
      const all = { ...headers, "Content-Type": "application/json" };
      return web.request({ method: "POST", url, headers: all, body, verifyTls, timeoutMs, signal });
    };
    const answer = await send();
    if (answer.status !== UNAUTHORIZED) return answer;
    if (this.#isTokenInAddress) throw tokenRefused();
    return await this.#withTokenInAddress(async () => {
      const second = await send();
      if (second.status === UNAUTHORIZED) throw tokenRefused();
      return second;
    });
  }

  /** A refused token may only stand in the wrong place. */
  async #withTokenInAddress<T>(attempt: () => Promise<T>): Promise<T> {
    this.#isTokenInAddress = true;
    try {
      return await attempt();
    } catch (error) {
      // The next attempt begins with the header again: the server may be another one by then.
      if (error instanceof KomariRefusedError) this.#isTokenInAddress = false;
      throw error;
    }
  }

  #address(path: string, query: Readonly<Record<string, string>> = {}) {
    const url = new URL(`${this.#base}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    if (this.#isTokenInAddress) {
      url.searchParams.set("token", this.#token);
      return { url: url.href, headers: {} };
    }
    return { url: url.href, headers: { Authorization: `Bearer ${this.#token}` } };
  }
}

function isJson({ body }: WebResponse): boolean {
  return typeof parseJson(body) === "object";
}

function socketRefused(error: SocketRefusedError): KomariProtocolError {
  const reason = errorText(error.body);
  const suffix = reason === undefined ? "" : `: ${reason}`;
  return new KomariProtocolError(`${error.message}${suffix}`, error.status, { cause: error });
}

function tokenRefused(): KomariRefusedError {
  return new KomariRefusedError("The server does not know this token; was the node deleted?");
}

/** Front ends answer unknown paths with a page and status 200. */
function unexpected(what: string, { status, body }: WebResponse): KomariProtocolError {
  const reason = errorText(body) ?? (status === 200 ? "that is no Komari server's answer" : "");
  const text = `${what} was answered with ${status}${reason === "" ? "" : `: ${reason}`}`;
  return new KomariProtocolError(text, status);
}
