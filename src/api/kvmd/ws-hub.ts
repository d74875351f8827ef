import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import type { Hid } from "../../device/hid/hid.ts";
import { KVMD_API_VERSION } from "../../protocol/kvmd/version.ts";
import { encodeWsEvent } from "../../protocol/kvmd/ws-json.ts";
import type { HeldElsewhere, WsControls } from "./ws-controls.ts";
import { WsOutbox } from "./ws-outbox.ts";
import type { OutSocket } from "./ws-outbox.ts";
import type { EmitWsEvent, WsEvent, WsSource } from "./ws-source.ts";

export interface WsHubOptions {
  readonly sources: readonly WsSource[];
  /** Changes whenever everybody has to be told the full state again. */
  readonly renewals?: Store<number> | undefined;
  readonly hid: Hid;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told whenever the number of clients that want video has changed. */
  readonly onViewersChanged?: ((count: number) => void) | undefined;
}

/** A connected client. */
export interface WsMember {
  readonly outbox: WsOutbox;
  readonly controls: WsControls;
  /** Counts as a video viewer. */
  readonly wantsVideo: boolean;
}

const encoder = new TextEncoder();

/** A server event as bytes, made once for everybody. */
function frameOf(eventType: string, event: unknown): Uint8Array {
  return encoder.encode(encodeWsEvent(eventType, event));
}

/** Everybody who is connected to `/api/ws`. The sources are watched only while somebody is. */
export class WsHub implements HeldElsewhere {
  readonly #options: WsHubOptions;
  readonly #members = new Set<WsMember>();
  #unwatch: readonly Unsubscribe[] = [];
  #viewers = 0;

  constructor(options: WsHubOptions) {
    this.#options = options;
  }

  /** Greets a client with the version and the full state, then keeps it up to date. */
  join(socket: OutSocket, controls: WsControls, wantsVideo: boolean): WsMember {
    const outbox = new WsOutbox(socket, this.#options.clock);
    const member = { outbox, controls, wantsVideo };
    if (this.#members.size === 0) this.#watchSources();
    outbox.send("loop", frameOf("loop", { version: KVMD_API_VERSION }));
    this.#sendSnapshot(outbox);
    this.#members.add(member);
    if (wantsVideo) this.#countViewers(1);
    else outbox.send("clients", this.#clientsFrame());
    return member;
  }

  leave(member: WsMember): void {
    if (!this.#members.delete(member)) return;
    member.outbox.close();
    member.controls.releaseHeld(this);
    if (member.wantsVideo) this.#countViewers(-1);
    if (this.#members.size > 0) return;
    this.#options.hid.releaseAll();
    for (const unsubscribe of this.#unwatch) unsubscribe();
    this.#unwatch = [];
  }

  isKeyHeld(name: string, except: WsControls): boolean {
    for (const { controls } of this.#members) {
      if (controls !== except && controls.keys.has(name)) return true;
    }
    return false;
  }

  isButtonHeld(name: string, except: WsControls): boolean {
    for (const { controls } of this.#members) {
      if (controls !== except && controls.buttons.has(name)) return true;
    }
    return false;
  }

  #watchSources(): void {
    const emit: EmitWsEvent = (key, eventType, event) => {
      this.#broadcast(key, frameOf(eventType, event));
    };
    const { sources, renewals } = this.#options;
    const stops = sources.map((source) => source.watch(emit));
    const tellAgain = renewals?.subscribe(() => {
      for (const { outbox } of this.#members) this.#sendSnapshot(outbox);
    });
    this.#unwatch = tellAgain === undefined ? stops : [...stops, tellAgain];
  }

  #sendSnapshot(outbox: WsOutbox): void {
    let number = 0;
    for (const source of this.#options.sources) {
      for (const { eventType, event } of this.#stateOf(source)) {
        // Keys of their own: a partial event must not replace the full state that it builds on.
        outbox.send(`snapshot ${number}`, frameOf(eventType, event));
        number += 1;
      }
    }
  }

  /** One source that fails must not keep clients from the others. */
  #stateOf(source: WsSource): readonly WsEvent[] {
    try {
      return source.snapshot();
    } catch (error) {
      this.#options.log.error({ reason: describeError(error) }, "state could not be read");
      return [];
    }
  }

  #countViewers(change: number): void {
    this.#viewers += change;
    this.#broadcast("clients", this.#clientsFrame());
    this.#options.onViewersChanged?.(this.#viewers);
  }

  #clientsFrame(): Uint8Array {
    return frameOf("clients", { count: this.#viewers });
  }

  #broadcast(key: string, bytes: Uint8Array): void {
    for (const { outbox } of this.#members) outbox.send(key, bytes);
  }
}
