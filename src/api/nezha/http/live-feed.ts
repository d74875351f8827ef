import type { FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { every } from "../../../core/clock.ts";
import type { Clock } from "../../../core/clock.ts";
import { LatestSender } from "../../../http/latest-sender.ts";
import type { Hub } from "../../../hub/hub.ts";
import type { Audience } from "./node-figures.ts";

/** The text of a frame; `isFirst` for the one that a viewer begins with. */
export type MakeFrame = (audience: Audience, isFirst: boolean) => string;

export interface LiveFeedOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly makeFrame: (viewers: number) => MakeFrame;
}

interface Viewer {
  readonly audience: Audience;
  readonly sender: LatestSender<Buffer>;
}

const PERIOD_MS = 2000;
/** RFC 6455 7.4.1. */
const POLICY_VIOLATION = 1008;

/** The same frame for everybody who may see the same, every two seconds while somebody looks. */
export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #viewers = new Map<WebSocket, Viewer>();
  #stop: (() => void) | undefined;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
  }

  /** Sends a frame at once and then regularly; what the viewer says is not read. */
  add(socket: WebSocket, { principal }: Pick<FastifyRequest, "principal">): void {
    const { hub, clock, makeFrame } = this.#options;
    const audience = principal === null ? "guest" : "member";
    if (audience === "guest" && hub.site.values.isPrivate) {
      socket.close(POLICY_VIOLATION, "sign in first");
      return;
    }
    const sender = new LatestSender<Buffer>((frame, done) => {
      socket.send(frame, { binary: false }, () => {
        done();
      });
    });
    this.#viewers.set(socket, { audience, sender });
    socket.once("close", () => {
      this.#viewers.delete(socket);
      if (this.#viewers.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    });
    sender.post(Buffer.from(makeFrame(this.#viewers.size)(audience, true)));
    this.#stop ??= every(clock, PERIOD_MS, () => {
      this.#tick();
    });
  }

  #tick(): void {
    const { hub, makeFrame } = this.#options;
    const make = makeFrame(this.#viewers.size);
    const frames: Partial<Record<Audience, Buffer>> = {};
    for (const [socket, { audience, sender }] of this.#viewers) {
      if (audience === "guest" && hub.site.values.isPrivate) {
        socket.close(POLICY_VIOLATION, "sign in first");
        continue;
      }
      frames[audience] ??= Buffer.from(make(audience, false));
      sender.post(frames[audience]);
    }
  }
}
