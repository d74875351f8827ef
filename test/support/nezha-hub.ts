import { onTestFinished } from "vitest";
import { listenForAgents } from "../../src/api/nezha/listener.ts";
import type { AgentListener } from "../../src/api/nezha/listener.ts";
import { silentLogger } from "../../src/core/log.ts";
import type { Store } from "../../src/core/store.ts";
import { Crowds } from "../../src/http/crowds.ts";
import type { TlsMaterial } from "../../src/http/node-server.ts";
import { createGrpcDialer } from "../../src/platform/net/grpc/grpc-dialer.ts";
import { GrpcStatusError } from "../../src/platform/net/grpc/port.ts";
import type { GrpcChannel, GrpcMetadata, GrpcStream } from "../../src/platform/net/grpc/port.ts";
import { credentialMetadata } from "../../src/protocol/nezha/service.ts";
import { hubFixture } from "./hub-fixture.ts";
import type { HubFixture } from "./hub-fixture.ts";

export const SHARED = "shared-secret-of-the-hub";

/** Who an agent says it is, by its number. */
export function uuidOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

/** An agent of v1 and later with the secret that all share. */
export function sharedAgent(number: number, secret = SHARED): GrpcMetadata {
  return credentialMetadata("v1", { secret, uuid: uuidOf(number) });
}

export interface NezhaHub extends HubFixture {
  readonly listener: AgentListener;
  /** A connection of an agent. */
  dial(): Promise<GrpcChannel>;
}

/** A hub that listens for Nezha agents on loopback, with a clock that moves when told. */
export async function startNezhaHub(
  options: {
    secret?: string;
    maxNodes?: number;
    tls?: Store<TlsMaterial>;
    trustedProxies?: readonly string[];
    connectionsPerAddress?: number;
  } = {},
): Promise<NezhaHub> {
  const { secret = SHARED, maxNodes = 100, tls, trustedProxies = [] } = options;
  const { connectionsPerAddress: most = 256 } = options;
  const fixture = await hubFixture({ maxNodes });
  const { hub, clock } = fixture;
  const config = {
    nezha: { secret, listen: "127.0.0.1:0", tls: tls !== undefined },
    maxNodes,
  };
  const log = silentLogger;
  const crowds = new Crowds({ most, isExempt: () => false, clock, log });
  const shared = { hub, config, clock, log, trustedProxies, crowds };
  const listener = await listenForAgents({ ...shared, tls });
  onTestFinished(async () => {
    listener.close();
    await hub.close();
  });
  return {
    ...fixture,
    listener,
    async dial() {
      const { port } = listener;
      const target = {
        host: "127.0.0.1",
        port,
        tls: tls === undefined ? "off" : "unverified",
      } as const;
      const { signal } = new AbortController();
      const channel = await createGrpcDialer().dial(target, { timeoutMs: 15_000, signal });
      onTestFinished(() => {
        channel.close();
      });
      return channel;
    },
  };
}

/** One call that is answered at once. */
export async function call(
  channel: GrpcChannel,
  path: string,
  message: Uint8Array,
  metadata: GrpcMetadata,
): Promise<Uint8Array> {
  return Uint8Array.from(await channel.unary(path, message, { metadata, timeoutMs: 15_000 }));
}

/** The status that a call ends with, and its text; 0 for success. */
export async function statusOf(pending: Promise<unknown>): Promise<readonly [number, string]> {
  try {
    await pending;
    return [0, ""];
  } catch (error) {
    if (!(error instanceof GrpcStatusError)) throw error;
    return [error.status, error.message];
  }
}

/** A stream that keeps what it is told. */
export interface RecordedStream {
  readonly stream: GrpcStream;
  readonly messages: readonly Uint8Array[];
  /** Resolves with the status that it ended with, 0 for success. */
  readonly closed: Promise<readonly [number, string]>;
  /** Resolves when so many messages are there. */
  received(count: number): Promise<void>;
}

export function record(stream: GrpcStream): RecordedStream {
  const messages: Uint8Array[] = [];
  const waiting = new Set<() => void>();
  stream.onMessage((message) => {
    messages.push(Uint8Array.from(message));
    for (const check of waiting) check();
  });
  const closed = new Promise<readonly [number, string]>((resolve) => {
    stream.onClose((error) => {
      resolve(error === undefined ? [0, ""] : [error.status, error.message]);
    });
  });
  const received = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (messages.length < count) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { stream, messages, closed, received };
}
