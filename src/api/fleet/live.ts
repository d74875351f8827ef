/** `/live` and `/nodes`: one buffer for each audience and beat, shared by all who look; nothing runs while nobody does. */
import type { FastifyInstance } from "fastify";
import type { WebSocket } from "ws";
import { every } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { addressGroup } from "../../http/address.ts";
import type { Hub } from "../../hub/hub.ts";
import { LiveBoard } from "./live-board.ts";
import type { Audience, BoardChange } from "./live-board.ts";
import { audienceOf, JSON_TYPE } from "./viewer.ts";

/** A figure reaches its viewers within this time. */
const BEAT_MS = 500;
const MOST_GUESTS = 1000;
const MOST_MEMBERS = 1000;
/** Of guests; a proxy that is not told to be trusted looks like one address. */
const MOST_PER_ADDRESS = 100;
/** RFC 6455 7.4.1: policy violation; try again later. */
const POLICY_VIOLATION = 1008;
const TRY_LATER = 1013;
const TEXT = { binary: false } as const;

/** What somebody who has not taken the last message has missed meanwhile. */
type Missed = "nothing" | "rows" | "everything";

class Viewer {
  readonly audience: Audience;
  readonly #socket: WebSocket;
  readonly #board: LiveBoard;
  #isBusy = false;
  #missed: Missed = "nothing";

  constructor(socket: WebSocket, board: LiveBoard, audience: Audience) {
    this.#socket = socket;
    this.#board = board;
    this.audience = audience;
  }

  /** `bytes` are shared. */
  send(bytes: Uint8Array, touchesNodes: boolean): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#isBusy) {
      if (touchesNodes) this.#missed = "everything";
      else if (this.#missed === "nothing") this.#missed = "rows";
      return;
    }
    this.#isBusy = true;
    this.#socket.send(bytes, TEXT, this.#onSent);
  }

  leave(reason: string): void {
    this.#socket.close(POLICY_VIOLATION, reason);
  }

  readonly #onSent = (error?: Error | null): void => {
    this.#isBusy = false;
    const missed = this.#missed;
    if (missed === "nothing" || (error !== undefined && error !== null)) return;
    this.#missed = "nothing";
    const text =
      missed === "rows" ? this.#board.allRows(this.audience) : this.#board.snapshot(this.audience);
    this.send(Buffer.from(text), false);
  };
}

/** Everybody who looks at the fleet now. */
export class Audiences {
  readonly #board: LiveBoard;
  readonly #hub: Hub;
  readonly #clock: Clock;
  readonly #viewers: Readonly<Record<Audience, Set<Viewer>>> = {
    guest: new Set(),
    member: new Set(),
  };
  readonly #guestsFrom = new Map<string, number>();
  #stop: (() => void) | undefined;

  constructor(hub: Hub, clock: Clock) {
    this.#hub = hub;
    this.#clock = clock;
    this.#board = new LiveBoard(hub, clock);
  }

  get size(): number {
    return this.#viewers.guest.size + this.#viewers.member.size;
  }

  /** Everything, for somebody who asks once. */
  snapshot(audience: Audience): string {
    // While there are viewers the beat looks; a look in between would take its changes away.
    if (this.#stop === undefined) this.#board.refresh();
    else if (this.#board.isOutdated) this.#beat();
    return this.#board.snapshot(audience);
  }

  add(socket: WebSocket, audience: Audience, address: string): void {
    const viewers = this.#viewers[audience];
    const isGuest = audience === "guest";
    const fromThere = isGuest ? (this.#guestsFrom.get(address) ?? 0) : 0;
    const most = isGuest ? MOST_GUESTS : MOST_MEMBERS;
    if (viewers.size >= most || fromThere >= MOST_PER_ADDRESS) {
      socket.close(TRY_LATER, "too many viewers");
      return;
    }
    if (isGuest) this.#guestsFrom.set(address, fromThere + 1);
    const text = this.snapshot(audience);
    const viewer = new Viewer(socket, this.#board, audience);
    viewers.add(viewer);
    this.#stop ??= every(this.#clock, BEAT_MS, () => {
      this.#beat();
    });
    socket.once("close", () => {
      viewers.delete(viewer);
      if (isGuest) this.#release(address);
      if (this.size === 0) this.close();
    });
    viewer.send(Buffer.from(text), true);
  }

  /** Stops the beat. */
  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #release(address: string): void {
    const left = (this.#guestsFrom.get(address) ?? 1) - 1;
    if (left > 0) this.#guestsFrom.set(address, left);
    else this.#guestsFrom.delete(address);
  }

  #beat(): void {
    const { guest, member } = this.#board.look();
    this.#tell(this.#viewers.member, member);
    if (this.#hub.site.values.isPrivate) {
      for (const viewer of this.#viewers.guest) viewer.leave("sign in to see this fleet");
      return;
    }
    this.#tell(this.#viewers.guest, guest);
  }

  #tell(viewers: ReadonlySet<Viewer>, change: BoardChange | undefined): void {
    if (change === undefined || viewers.size === 0) return;
    const bytes = Buffer.from(change.text);
    for (const viewer of viewers) viewer.send(bytes, change.touchesNodes);
  }
}

export interface LiveRoutesOptions {
  readonly audiences: Audiences;
}

export function liveRoutes(app: FastifyInstance, { audiences }: LiveRoutesOptions): void {
  app.route({
    method: "GET",
    url: "/nodes",
    config: { access: "guest" },
    handler: (request, reply) =>
      reply.type(JSON_TYPE).send(Buffer.from(audiences.snapshot(audienceOf(request)))),
  });
  app.route({
    method: "GET",
    url: "/live",
    config: { access: "guest" },
    handler: (_request, reply) =>
      reply
        .code(426)
        .header("Upgrade", "websocket")
        .type("text/plain; charset=utf-8")
        .send("426: Upgrade Required"),
    wsHandler: (socket, request) => {
      audiences.add(socket, audienceOf(request), addressGroup(request.ip));
    },
  });
}
