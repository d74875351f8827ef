/** Outbound datagrams. */
export interface DatagramSender {
  /** Sends one UDP datagram; broadcast addresses are allowed. */
  send(
    payload: Uint8Array,
    target: { readonly host: string; readonly port: number },
  ): Promise<void>;
}
