/** Statuses of gRPC that agents are answered with. */
export const STATUS = {
  unknown: 2,
  invalidArgument: 3,
  permissionDenied: 7,
  resourceExhausted: 8,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** A call ends with this status and text. Never leaves this folder: the peer is told, and nobody else. */
export class CallRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
