import type { Logger } from "../../core/log.ts";
import type { Hid, KeyOptions } from "../../device/hid/hid.ts";
import { mayAccess } from "../../http/auth/principal.ts";
import type { Principal } from "../../http/auth/principal.ts";
import type { ControlSink } from "../../protocol/kvmd/ws-control.ts";

/** Whether another client holds the same key or button. */
export interface HeldElsewhere {
  isKeyHeld(name: string, except: WsControls): boolean;
  isButtonHeld(name: string, except: WsControls): boolean;
}

const FINISH: KeyOptions = { finish: true };
const HOLD: KeyOptions = { finish: false };

export interface WsControlsOptions {
  readonly hid: Hid;
  readonly log: Logger;
  /** Null refuses every input. */
  readonly principal: Principal | null;
  /** Told of every key and button that was let through. */
  readonly onPress?: () => void;
}

/**
 * The input events of one client: the one place that refuses them to people who may only watch, and the one that knows
 * what the client holds, so that nothing stays down when it goes.
 */
export class WsControls implements ControlSink {
  readonly #hid: Hid;
  readonly #log: Logger;
  readonly #principal: Principal | null;
  readonly #mayControl: boolean;
  readonly #onPress: (() => void) | undefined;
  readonly #keys = new Set<string>();
  readonly #buttons = new Set<string>();
  #hasComplained = false;

  constructor({ hid, log, principal, onPress }: WsControlsOptions) {
    this.#onPress = onPress;
    this.#hid = hid;
    this.#log = log;
    this.#principal = principal;
    this.#mayControl = principal !== null && mayAccess(principal.role, "operator");
  }

  get keys(): ReadonlySet<string> {
    return this.#keys;
  }

  get buttons(): ReadonlySet<string> {
    return this.#buttons;
  }

  key(name: string, isPressed: boolean, finish: boolean): void {
    if (this.#isRefused()) return;
    this.#hid.key(name, isPressed, finish ? FINISH : HOLD);
    this.#onPress?.();
    if (isPressed) this.#keys.add(name);
    else this.#keys.delete(name);
  }

  button(name: string, isPressed: boolean): void {
    if (this.#isRefused()) return;
    this.#hid.button(name, isPressed);
    this.#onPress?.();
    if (isPressed) this.#buttons.add(name);
    else this.#buttons.delete(name);
  }

  move(x: number, y: number): void {
    if (!this.#isRefused()) this.#hid.move(x, y);
  }

  relative(deltas: ArrayLike<number>, squash: boolean): void {
    if (!this.#isRefused()) this.#hid.relative(deltas, squash);
  }

  wheel(deltas: ArrayLike<number>, squash: boolean): void {
    if (!this.#isRefused()) this.#hid.wheel(deltas, squash);
  }

  /** Lets go of what this client holds and nobody else does. */
  releaseHeld(others: HeldElsewhere): void {
    for (const name of this.#keys) {
      if (!others.isKeyHeld(name, this)) this.#hid.key(name, false);
    }
    for (const name of this.#buttons) {
      if (!others.isButtonHeld(name, this)) this.#hid.button(name, false);
    }
    this.#keys.clear();
    this.#buttons.clear();
  }

  /** A signed-out client has a moment to say goodbye, but no longer a say. */
  #isRefused(): boolean {
    if (this.#mayControl && this.#principal?.revoked.aborted === false) return false;
    if (!this.#hasComplained) {
      this.#log.warn({ user: this.#principal?.user }, "input refused: this account may only watch");
    }
    this.#hasComplained = true;
    return true;
  }
}
