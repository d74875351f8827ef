/** Request bodies of agents: JSON whatever their label says, maybe compressed (Komari 1.7). */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { AppError } from "../../../core/errors.ts";
import { parseJson } from "../../../protocol/komari/commands.ts";
import { restoreEarlyBodies } from "./early-body.ts";

/** Inflated, too. */
export const MOST_REPORT_BYTES = 64 * 1024;

/** A compressed body is none, or larger than it says. */
export class BadCompressionError extends AppError {
  static readonly code = "BAD_COMPRESSION";
  constructor(options?: ErrorOptions) {
    super("invalid", BadCompressionError.code, "The compressed body cannot be read", options);
  }
}

const inflate = promisify(gunzip);
const NOTHING = Buffer.alloc(0);

/** Bodies stay bytes in this scope; handlers ask for their JSON. */
export function installAgentBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });
  restoreEarlyBodies(app);
}

function bytesOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : NOTHING;
}

/** Undefined when it is no JSON. */
export function jsonBody(request: FastifyRequest): unknown {
  return parseJson(bytesOf(request).toString("utf8"));
}

/** The same for a body that may be compressed. Rejects with `BadCompressionError`. */
export async function inflatedJson(request: FastifyRequest, mostBytes: number): Promise<unknown> {
  if (request.headers["content-encoding"]?.toLowerCase() !== "gzip") return jsonBody(request);
  try {
    const bytes = await inflate(bytesOf(request), { maxOutputLength: mostBytes });
    return parseJson(bytes.toString("utf8"));
  } catch (error) {
    throw new BadCompressionError({ cause: error });
  }
}
