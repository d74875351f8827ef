/** `/native/totp`: one-time codes as a second factor. */
import type { FastifyInstance } from "fastify";
import type { TotpOffer } from "../../protocol/native/settings.ts";
import { CodeBody } from "./body.ts";
import type { OneTimeCodes } from "./one-time-codes.ts";
import type { Recorder } from "../../http/auth/recorder.ts";

export interface CodeRoutesOptions {
  readonly codes: OneTimeCodes;
  readonly record: Recorder;
}

export function codeRoutes(app: FastifyInstance, { codes, record }: CodeRoutesOptions): void {
  app.route({
    method: "POST",
    url: "/totp",
    config: { access: "admin" },
    handler: (_request, reply): Promise<TotpOffer> => {
      void reply.header("Cache-Control", "no-store");
      return codes.offer();
    },
  });
  app.route<{ Body: CodeBody }>({
    method: "PUT",
    url: "/totp",
    schema: { body: CodeBody },
    config: { access: "admin" },
    async handler(request, reply) {
      await record(request, { action: "totp.on" }, () => codes.confirm(request.body.code));
      return reply.code(204).send();
    },
  });
  app.route({
    method: "DELETE",
    url: "/totp",
    config: { access: "admin" },
    async handler(request, reply) {
      await record(request, { action: "totp.off" }, () => codes.off());
      return reply.code(204).send();
    },
  });
}
