import type { FastifyRequest } from "fastify";

/** Writes down what somebody did: into the audit of a hub, or the log of a machine without one. */
export type Recorder = (
  request: FastifyRequest,
  entry: { readonly action: string; readonly detail?: string },
) => Promise<void>;
