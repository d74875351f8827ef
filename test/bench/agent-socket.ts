import { connect } from "node:net";
import type { Socket } from "node:net";

/** A simulated agent on a bare socket: what the load does with it, whatever it speaks. */
export abstract class AgentSocket {
  readonly index: number;
  readonly #port: number;
  #socket: Socket | undefined;
  isOpen = false;
  /** Connections that broke. */
  losses = 0;
  /** Orders to ping that were answered. */
  pings = 0;

  constructor(index: number, port: number) {
    this.index = index;
    this.#port = port;
  }

  /** Resolves when it is connected or refused. */
  open(): Promise<void> {
    const socket = connect({ host: "127.0.0.1", port: this.#port, noDelay: true });
    this.#socket = socket;
    socket.write(this.greeting());
    return new Promise((resolve) => {
      socket.on("data", (data) => {
        this.take(data);
        resolve();
      });
      socket.once("close", () => {
        this.losses += this.isOpen ? 1 : 0;
        this.isOpen = false;
        resolve();
      });
      socket.on("error", () => undefined);
    });
  }

  /** A report; false when there is no connection. */
  send(second: number): boolean {
    if (!this.isOpen) return false;
    this.write(this.report(second));
    return true;
  }

  protected write(bytes: Buffer): void {
    this.#socket?.write(bytes);
  }

  protected leave(): void {
    this.#socket?.destroy();
  }

  /** What is said first. */
  protected abstract greeting(): Buffer;
  protected abstract report(second: number): Buffer;
  /** What the hub says; its first words make the agent open. */
  protected abstract take(data: Buffer): void;
}
