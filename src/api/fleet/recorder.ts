import type { FastifyRequest } from "fastify";
import type { NewAuditEntry } from "../../hub/audit.ts";
import type { Hub } from "../../hub/hub.ts";
import { actorOf } from "./viewer.ts";

/** Writes down what an admin does, with who it was. Resolves when it is in the file. */
export type Recorder = (
  request: FastifyRequest,
  entry: Omit<NewAuditEntry, "actor">,
) => Promise<void>;

export function createRecorder({ audit }: Pick<Hub, "audit">): Recorder {
  return (request, entry) => audit.record({ ...entry, actor: actorOf(request) });
}
