/** Accounts of this machine, their sessions and the API tokens: the same for all dialects and for a device beside the hub. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError } from "../../core/errors.ts";
import type { Accounts, AccountSummary } from "../../http/auth/accounts.ts";
import type { Auth } from "../../http/auth/auth.ts";
import type { SessionSummary } from "../../http/auth/sessions.ts";
import { AccountNotFoundError, UnauthorizedError } from "../../http/auth/errors.ts";
import { AccountBody, AccountPatch, TokenBody } from "../../protocol/fleet/admin.ts";
import type { AccountView, SessionView } from "../../protocol/fleet/admin.ts";
import type { Recorder } from "../../http/auth/recorder.ts";

/** Nobody could undo it. */
export class LastAdminError extends AppError {
  static readonly code = "LAST_ADMIN";
  constructor(message = "This is the only admin; make another one first") {
    super("conflict", LastAdminError.code, message);
  }
}

export interface AccountRoutesOptions {
  readonly accounts: Accounts;
  readonly auth: Auth;
  readonly record: Recorder;
}

interface UserParams {
  readonly user: string;
}

async function demandAnotherAdmin(accounts: Accounts, user: string): Promise<void> {
  const all = await accounts.list();
  const isOther = (account: AccountSummary): boolean =>
    account.role === "admin" && account.isUsable && account.user !== user;
  if (!all.some(isOther)) throw new LastAdminError();
}

function sessionView(session: SessionSummary, mine: string | undefined): SessionView {
  const { id, createdAt, secondsLeft, sockets, method, lastSeenAt } = session;
  const seen = { address: session.lastAddress, userAgent: session.lastUserAgent };
  return { id, createdAt, secondsLeft, sockets, method, lastSeenAt, ...seen, isMine: id === mine };
}

async function views(
  { accounts, auth }: AccountRoutesOptions,
  { principal }: FastifyRequest,
): Promise<AccountView[]> {
  const all = await accounts.list();
  return all.map(({ user, role, isUsable }) => {
    const sessions = auth.sessionsOf(user);
    const mine = principal?.session;
    return { user, role, isUsable, sessions: sessions.map((one) => sessionView(one, mine)) };
  });
}

/** A role that is taken from the last admin is refused before anything changes. */
async function change(
  { accounts, record }: AccountRoutesOptions,
  request: FastifyRequest<{ Params: UserParams; Body: AccountPatch }>,
): Promise<void> {
  const { user } = request.params;
  const { password, role } = request.body;
  if (role !== undefined && role !== "admin") await demandAnotherAdmin(accounts, user);
  const what = [password === undefined ? "" : "password", role === undefined ? "" : `role ${role}`];
  const detail = [user, ...what.filter((word) => word !== "")].join(", ");
  await record(request, { action: "account.edit", detail }, async () => {
    if (password !== undefined) await accounts.set(user, password);
    if (role !== undefined) await accounts.setRole(user, role);
  });
}

function sessionRoutes(app: FastifyInstance, { auth, record }: AccountRoutesOptions): void {
  app.route<{ Params: UserParams }>({
    method: "DELETE",
    url: "/accounts/:user/sessions",
    config: { access: "admin" },
    async handler(request, reply) {
      const { user } = request.params;
      await record(request, { action: "account.signOut", detail: user }, () => {
        auth.revoke(user);
      });
      return reply.code(204).send();
    },
  });
  app.route<{ Params: UserParams & { id: string } }>({
    method: "DELETE",
    url: "/accounts/:user/sessions/:id",
    config: { access: "admin" },
    async handler(request, reply) {
      const { user, id } = request.params;
      await record(request, { action: "session.end", detail: user }, () => {
        if (!auth.endSession(user, id)) throw new AccountNotFoundError(user);
      });
      return reply.code(204).send();
    },
  });
}

function tokenRoutes(app: FastifyInstance, { auth, record }: AccountRoutesOptions): void {
  app.route({
    method: "GET",
    url: "/tokens",
    config: { access: "admin" },
    handler: () => auth.tokens.list(),
  });
  app.route<{ Body: TokenBody }>({
    method: "POST",
    url: "/tokens",
    schema: { body: TokenBody },
    config: { access: "admin" },
    async handler(request, reply) {
      const { principal } = request;
      if (principal === null) throw new UnauthorizedError();
      const { name, role, expiresAt } = request.body;
      const wanted = { name, role, expiresAt: expiresAt ?? undefined };
      const act = { action: "token.add", detail: `${name}, ${role}` };
      const issued = await record(request, act, () => auth.tokens.create(principal, wanted));
      return reply.code(201).send(issued);
    },
  });
  app.route<{ Params: { id: string } }>({
    method: "DELETE",
    url: "/tokens/:id",
    config: { access: "admin" },
    async handler(request, reply) {
      const { id, name, user } = await auth.tokens.demand(request.params.id);
      const act = { action: "token.remove", detail: `${name} of ${user}` };
      await record(request, act, () => auth.tokens.revoke(id));
      return reply.code(204).send();
    },
  });
}

export function accountRoutes(app: FastifyInstance, options: AccountRoutesOptions): void {
  const { accounts, record } = options;
  app.route({
    method: "GET",
    url: "/accounts",
    config: { access: "admin" },
    handler: (request) => views(options, request),
  });
  app.route<{ Body: AccountBody }>({
    method: "POST",
    url: "/accounts",
    schema: { body: AccountBody },
    config: { access: "admin" },
    async handler(request, reply) {
      const { user, password, role } = request.body;
      const act = { action: "account.add", detail: `${user}, role ${role}` };
      await record(request, act, () => accounts.add(user, password, role));
      return reply.code(201).send({ user, role });
    },
  });
  app.route<{ Params: UserParams; Body: AccountPatch }>({
    method: "PATCH",
    url: "/accounts/:user",
    schema: { body: AccountPatch },
    config: { access: "admin" },
    async handler(request, reply) {
      await change(options, request);
      return reply.code(204).send();
    },
  });
  app.route<{ Params: UserParams }>({
    method: "DELETE",
    url: "/accounts/:user",
    config: { access: "admin" },
    async handler(request, reply) {
      const { user } = request.params;
      await demandAnotherAdmin(accounts, user);
      await record(request, { action: "account.remove", detail: user }, () => accounts.del(user));
      return reply.code(204).send();
    },
  });
  sessionRoutes(app, options);
  tokenRoutes(app, options);
}
