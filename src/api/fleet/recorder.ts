import { actorOf } from "../../http/auth/actor.ts";
import type { Recorder } from "../../http/auth/recorder.ts";
import type { Audit } from "../../hub/audit.ts";

/** The audit of this hub as the record of what people do. */
export function auditRecorder(audit: Pick<Audit, "act">): Recorder {
  return (request, act, work) => audit.act({ ...act, actor: actorOf(request) }, work);
}
