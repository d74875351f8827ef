import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError } from "../../../core/errors.ts";
import { actorOf } from "../../../http/auth/actor.ts";
import { ApiTokenNotFoundError, UnauthorizedError } from "../../../http/auth/errors.ts";
import type { Auth } from "../../../http/auth/auth.ts";
import type { Principal } from "../../../http/auth/principal.ts";
import type { Audit } from "../../../hub/audit.ts";

// Token management of v0 (Nezha facts 2.1). Different on purpose: tokens are kept as hashes, so the list shows the id in
// place of the token, each user has their own, and a token never makes or removes others.

export interface TokenRoutesOptions {
  readonly auth: Auth;
  readonly audit: Audit;
}

const DEFAULT_NAME = "Nezha API";
const NO_TOKEN = { code: 400, message: "token 不存在" } as const;

function demandUser({ principal }: FastifyRequest): Principal {
  if (principal === null || principal.via === "token") throw new UnauthorizedError();
  return principal;
}

function noteOf(body: unknown): string {
  if (typeof body !== "object" || body === null) return "";
  for (const [name, value] of Object.entries(body)) {
    if (name.toLowerCase() === "note" && typeof value === "string") return value;
  }
  return "";
}

/** A token that is shown in full stands for its id. */
async function idOf(auth: Auth, shown: string, ip: string): Promise<string> {
  try {
    const { tokenId } = await auth.authenticate({ headers: { authorization: shown }, ip });
    return tokenId ?? shown;
  } catch (error) {
    if (error instanceof AppError) return shown;
    throw error;
  }
}

async function listTokens(auth: Auth, request: FastifyRequest) {
  const tokens = await auth.tokens.list(demandUser(request).user);
  const result = tokens.map(({ id, name }) => ({ token: id, note: name }));
  return { code: 0, message: "success", result };
}

async function createToken({ auth, audit }: TokenRoutesOptions, request: FastifyRequest) {
  const owner = demandUser(request);
  const note = noteOf(request.body);
  const name = note === "" ? DEFAULT_NAME : note;
  const { role } = owner;
  const act = { actor: actorOf(request), action: "token.add", detail: `${name}, ${role}` };
  const issued = await audit.act(act, () => auth.tokens.create(owner, { name, role }));
  return { code: 200, message: "success", result: { note: issued.name, token: issued.token } };
}

async function revokeToken(
  { auth, audit }: TokenRoutesOptions,
  request: FastifyRequest,
  shown: string,
) {
  const { user } = demandUser(request);
  try {
    const { id, name } = await auth.tokens.demand(await idOf(auth, shown, request.ip), user);
    const act = { actor: actorOf(request), action: "token.remove", detail: `${name} of ${user}` };
    await audit.act(act, () => auth.tokens.revoke(id, user));
    return { code: 200, message: "success" };
  } catch (error) {
    if (error instanceof ApiTokenNotFoundError) return NO_TOKEN;
    throw error;
  }
}

/** Declares the routes. */
export function tokenRoutes(app: FastifyInstance, options: TokenRoutesOptions): void {
  const access = { config: { access: "viewer" } } as const;
  app.get("/api/token", access, (request) => listTokens(options.auth, request));
  app.post("/api/token", access, (request) => createToken(options, request));
  app.delete<{ Params: { token: string } }>("/api/token/:token", access, (request) =>
    revokeToken(options, request, request.params.token),
  );
}
