/** What everybody may do with their own account, and what a newcomer has to. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Accounts } from "../../http/auth/accounts.ts";
import type { Auth } from "../../http/auth/auth.ts";
import { ValidationError } from "../../core/errors.ts";
import { UnauthorizedError } from "../../http/auth/errors.ts";
import type { SetupView } from "../../protocol/native/settings.ts";
import { PasswordBody } from "./body.ts";
import type { OneTimeCodes } from "./one-time-codes.ts";
import type { Recorder } from "../../http/auth/recorder.ts";

export interface OwnAccountOptions {
  readonly auth: Auth;
  readonly accounts: Accounts;
  readonly codes: OneTimeCodes;
  readonly record: Recorder;
}

function userOf({ principal }: FastifyRequest): string {
  if (principal === null) throw new UnauthorizedError();
  return principal.user;
}

function sessionRoutes(app: FastifyInstance, { auth, record }: OwnAccountOptions): void {
  app.route({
    method: "GET",
    url: "/sessions",
    config: { access: "viewer" },
    handler: (request) => ({
      sessions: auth.sessionsOf(userOf(request)),
      /** The one that asks; null for other credentials. */
      mine: request.principal?.session ?? null,
    }),
  });
  app.route<{ Params: { id: string } }>({
    method: "DELETE",
    url: "/sessions/:id",
    config: { access: "viewer" },
    async handler(request, reply) {
      await record(request, { action: "session.end" }, () =>
        auth.endSession(userOf(request), request.params.id),
      );
      return reply.code(204).send();
    },
  });
}

export function ownAccountRoutes(app: FastifyInstance, options: OwnAccountOptions): void {
  const { auth, accounts, codes, record } = options;
  app.route({
    method: "GET",
    url: "/setup",
    config: { access: "viewer" },
    handler: async (request): Promise<SetupView> => ({
      hasFirstPassword: accounts.hasFirstPassword,
      mustChangePassword: auth.mustChangePassword(userOf(request)),
      hasOneTimeCodes: await codes.isOn(),
    }),
  });
  app.route<{ Body: PasswordBody }>({
    method: "POST",
    url: "/password",
    schema: { body: PasswordBody },
    config: { access: "viewer" },
    async handler(request, reply) {
      const user = userOf(request);
      const { current, code, password } = request.body;
      if (password === current) throw new ValidationError("The new password is the present one");
      // Whoever finds an open page must not be able to keep its owner out.
      await auth.login({ user, password: current, code, expireSeconds: 60, address: request.ip });
      const act = { action: "account.password", detail: user };
      await record(request, act, () => accounts.set(user, password));
      return reply.code(204).send();
    },
  });
  sessionRoutes(app, options);
}
