import { randomUUID } from "node:crypto";
import { isAborted } from "../../core/abort.ts";
import type { Clock } from "../../core/clock.ts";
import { AppError, CancelledError, ReplyTimeoutError } from "../../core/errors.ts";
import { GRPC_STATUS } from "../../platform/net/grpc/port.ts";
import type {
  GrpcChannel,
  GrpcDialer,
  GrpcMetadata,
  GrpcStatusError,
} from "../../platform/net/grpc/port.ts";
import type { WebClient } from "../../platform/web/port.ts";
import { REGISTER_PATH, parseRegistration, registrationBody } from "../../protocol/nezha/http.ts";
import type { NezhaRegistration } from "../../protocol/nezha/http.ts";
import { attachFrame } from "../../protocol/nezha/io-stream.ts";
import { EMPTY_HOST } from "../../protocol/nezha/messages.ts";
import { METHOD } from "../../protocol/nezha/service.ts";
import type { NezhaCredentials, NezhaGeneration } from "../../protocol/nezha/service.ts";
import { ioDataCodec } from "../../protocol/nezha/shared.ts";
import { greetDashboard } from "./dialect.ts";
import { explainNezhaFailure } from "./nezha-uplink.ts";
import type { NezhaServer } from "./nezha-uplink.ts";

/** A dashboard cannot be paired with; the message says why. */
export class NezhaPairingError extends AppError {
  static readonly code = "NEZHA_PAIRING";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", NezhaPairingError.code, message, options);
  }
}

const TIMEOUT_MS = 10_000;

/**
 * Asks for a byte stream that nobody has opened: every dashboard looks at the secret first, and then refuses for the
 * other reason. No report changes what it shows.
 */
async function askForNothing(
  channel: GrpcChannel,
  metadata: GrpcMetadata,
  clock: Clock,
): Promise<GrpcStatusError | undefined> {
  const stream = channel.stream(METHOD.ioStream, metadata);
  let stopTimer: () => void = () => undefined;
  try {
    return await new Promise((resolve, reject) => {
      stopTimer = clock.setTimer(TIMEOUT_MS, () => {
        reject(new ReplyTimeoutError("no answer"));
      });
      stream.onClose(resolve);
      stream.send(ioDataCodec.encode({ data: attachFrame(randomUUID()) })).catch(() => undefined);
    });
  } finally {
    stopTimer();
    stream.cancel();
  }
}

export interface NezhaCheckOptions {
  readonly server: NezhaServer;
  readonly credentials: NezhaCredentials;
  readonly generation: NezhaGeneration | "auto";
  readonly dialer: GrpcDialer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Whether a dashboard answers there and takes the secret; resolves with its generation. A dashboard of v1 or later
 * makes an entry for the uuid on the way. Rejects with `NezhaPairingError`, or with `CancelledError` when aborted.
 */
export async function checkNezha(options: NezhaCheckOptions): Promise<NezhaGeneration> {
  const { server, credentials, generation, dialer, clock, signal } = options;
  let channel: GrpcChannel | undefined;
  const onAbort = (): void => {
    channel?.close();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    channel = await dialer.dial(server, { timeoutMs: TIMEOUT_MS, signal });
    const question = { channel, credentials, generation, host: EMPTY_HOST };
    const { dialect } = await greetDashboard(question);
    const refusal = await askForNothing(channel, dialect.metadata, clock);
    if (refusal !== undefined && refusal.status !== GRPC_STATUS.unknown) throw refusal;
    return dialect.generation;
  } catch (error) {
    if (isAborted(signal)) throw new CancelledError();
    throw new NezhaPairingError(explainNezhaFailure(error, server), { cause: error });
  } finally {
    signal.removeEventListener("abort", onAbort);
    channel?.close();
  }
}

export interface NezhaRegisterOptions {
  readonly web: WebClient;
  /** The dashboard's web address, with its base path if it has one. */
  readonly url: string;
  /** A token of the panel, made in its administration. */
  readonly token: string;
  readonly registration: NezhaRegistration;
  readonly verifyTls: boolean;
}

/**
 * Makes a server on a dashboard of v0.20.12 or later of that generation and returns its secret. Every call makes
 * another one, so nothing interrupts it half-way; no route that a panel token opens removes one. Rejects with `NezhaPairingError`, and with the errors of `WebClient.request`.
 */
export async function registerNezha(options: NezhaRegisterOptions): Promise<string> {
  const { web, token, registration, verifyTls } = options;
  const response = await web.request({
    method: "POST",
    url: `${options.url.replace(/\/+$/, "")}${REGISTER_PATH}`,
    headers: { Authorization: token, "Content-Type": "application/json" },
    body: registrationBody(registration),
    maxBodyBytes: 64 * 1024,
    verifyTls,
    timeoutMs: TIMEOUT_MS,
    signal: new AbortController().signal,
  });
  if (response.status === 404) {
    throw new NezhaPairingError("This dashboard has no registration; v0.20.12 and v0.20.13 do");
  }
  const answer = parseRegistration(response.body);
  if (answer.ok) return answer.secret;
  throw new NezhaPairingError(`The dashboard refuses: ${answer.reason}`);
}
