/**
 * Request bodies of the PiKVM dialect. Parameters come from the query string only (PiKVM API 2.3), so a body of any
 * type is read, bounded by the route's `bodyLimit`, and handed over as bytes; routes without a use for it ignore it.
 */
import type { FastifyInstance } from "fastify";

/** In the scope of `app`, `request.body` is a Buffer, or undefined without a body, whatever the content type says. */
export function acceptAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });
}

/** The body as UTF-8 text; broken sequences become replacement characters. */
export function bodyText(body: unknown): string {
  if (typeof body === "string") return body;
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : "";
}
