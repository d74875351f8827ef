import type { FastifyRequest } from "fastify";

/** A line of the record: a fixed word, and words for people that hold no secret. */
export interface RecordLine {
  readonly action: string;
  /** A node of the fleet. */
  readonly node?: number;
  readonly detail?: string;
}

/** Something that a person wants done. */
export interface RecordedAct<T> extends RecordLine {
  /** A second line, for what is known only when it is done. */
  readonly outcome?: (result: T) => RecordLine;
}

/**
 * Writes down what the sender of a request wants done, and only then does it: into the audit of a hub, or the log of a
 * machine without one. Where it cannot be written down it is not done.
 */
export type Recorder = <T>(
  request: FastifyRequest,
  act: RecordedAct<T>,
  work: () => T | Promise<T>,
) => Promise<T>;
