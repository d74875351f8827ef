/** `/api/log` (PiKVM API 4.3). Additional to the original: how many clients may read at the same time is bounded. */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { DeviceConfig } from "../../config/schema.ts";
import { describeError } from "../../core/errors.ts";
import { createLogReader } from "../../device/journal/log-reader.ts";
import type { Journal, JournalEntry } from "../../platform/journal/port.ts";
import { formatRecord } from "../../protocol/journal/text.ts";
import { TEXT_TYPE } from "../../protocol/kvmd/envelope.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import { optional, validateBool, validateLogSeek } from "../../protocol/kvmd/validators.ts";

export interface LogRoutesOptions {
  readonly journal: Journal;
  readonly config: DeviceConfig["log"];
}

/** Records are gathered to about this many characters, so that a long log is not sent in thousands of small chunks. */
const CHUNK_LENGTH = 16_384;

type Records = AsyncGenerator<JournalEntry, void>;
type Step = IteratorResult<JournalEntry, void>;

/** Text of the records; a failure in the middle becomes the last line, because the status is already sent. */
async function* textOf(first: Step | undefined, records: Records): AsyncGenerator<string, void> {
  try {
    if (first?.done === false) yield formatRecord(first.value);
    if (first?.done === true) return;
    for await (const record of records) yield formatRecord(record);
  } catch (error) {
    yield `--- the log ends here: ${describeError(error)}\r\n`;
  } finally {
    await records.return();
  }
}

/** Begins with nothing, which sends the headers: the first record may be long in coming. */
async function* atOnce(texts: AsyncGenerator<string, void>): AsyncGenerator<string, void> {
  yield "";
  yield* texts;
}

async function* gathered(texts: AsyncGenerator<string, void>): AsyncGenerator<string, void> {
  let chunk = "";
  for await (const text of texts) {
    chunk += text;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

/** Aborted when the client is gone, the answer is complete, or the credentials of the request are revoked. */
function lifeOf({ principal }: FastifyRequest, reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    controller.abort();
  });
  if (principal === null) return controller.signal;
  return AbortSignal.any([controller.signal, principal.revoked]);
}

/** Aborted when the server begins to close: followers must not hold it up. */
function lifeOfServer(app: FastifyInstance): AbortSignal {
  const controller = new AbortController();
  app.addHook("preClose", (done) => {
    controller.abort();
    done();
  });
  return controller.signal;
}

/** Declares the route, relative to the dialect's prefix. */
export function logRoutes(app: FastifyInstance, { journal, config }: LogRoutesOptions): void {
  const reader = createLogReader({ journal, enabled: config.enabled });
  const serving = lifeOfServer(app);
  app.route({
    method: "GET",
    url: "/log",
    config: { access: "operator" },
    async handler(request, reply) {
      const query = queryOf(request.query);
      const seekSeconds = optional(query["seek"], validateLogSeek, 0);
      const follow = optional(query["follow"], validateBool, false);
      const signal = AbortSignal.any([serving, lifeOf(request, reply)]);
      const records = reader.read({ seekSeconds, follow }, signal);
      // Without following the first record decides between an answer and an error; a follower may wait long for it.
      const first = follow ? undefined : await records.next();
      const texts = textOf(first, records);
      const body = Readable.from(follow ? atOnce(texts) : gathered(texts), { highWaterMark: 4 });
      // A connection that has followed is done with; kept alive, it would hold up the end of the server.
      if (follow) void reply.header("Connection", "close");
      return reply.type(TEXT_TYPE).header("X-Accel-Buffering", "no").send(body);
    },
  });
}
