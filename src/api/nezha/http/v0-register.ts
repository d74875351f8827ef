import type { FastifyInstance } from "fastify";
import { AppError } from "../../../core/errors.ts";
import { plainAddress } from "../../../http/address.ts";
import { actorOf } from "../../../http/auth/actor.ts";
import { addedNode } from "../../../hub/audit.ts";
import type { Actor } from "../../../hub/audit.ts";
import type { Hub } from "../../../hub/hub.ts";
import { REGISTER_PATH } from "../../../protocol/nezha/http.ts";
import { NEEDS_SIGN_IN, isBadBody, isRefusal } from "./v0-errors.ts";

// `POST /api/v1/server/register` (Nezha facts 2.5): scripts make a node and get the secret of its agent.

const DEFAULT_TAG = "AutoRegister";
const HIDDEN = "on";

interface WantedNode {
  readonly name: string;
  readonly tag: string;
  readonly note: string;
  readonly hideForGuest: string;
}

/** Names match in any case, as in the original; undefined for what is no object or holds something else than text. */
function readBody(body: unknown): WantedNode | undefined {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(body)) {
    if (value === null) continue;
    if (typeof value !== "string") return undefined;
    texts.set(name.toLowerCase(), value);
  }
  const text = (name: string, initial: string): string => {
    const given = texts.get(name) ?? "";
    return given === "" ? initial : given;
  };
  return {
    name: text("name", ""),
    tag: text("tag", DEFAULT_TAG),
    note: text("note", ""),
    hideForGuest: text("hideforguest", HIDDEN),
  };
}

/** JSON whatever the request calls it: shell scripts forget the type. */
function parseBody(body: unknown): unknown {
  if (!(body instanceof Uint8Array) && typeof body !== "string") return body;
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}

export const PARSE_FAILED = { code: 400, message: "Parse JSON failed", secret: "" } as const;

const JSON_TYPE = "application/json; charset=utf-8";

/** Declares the route. */
export function registerRoute(app: FastifyInstance, hub: Hub): void {
  app.post<{ Querystring: { readonly simple?: string } }>(
    REGISTER_PATH,
    {
      config: { access: "admin" },
      errorHandler: (error, _request, reply) => {
        if (isRefusal(error)) void reply.code(200).send(NEEDS_SIGN_IN);
        else if (isBadBody(error)) void reply.code(400).send(PARSE_FAILED);
        else throw error;
      },
    },
    async (request, reply) => {
      const { simple = "" } = request.query;
      const wanted = readBody(parseBody(request.body));
      if (wanted === undefined) return reply.code(400).send(PARSE_FAILED);
      const answer = await makeNode(hub, wanted, actorOf(request));
      // The original's code is 200 here, and 0 everywhere else. The short form has quotes, which shells strip.
      const isSimple = simple === "1" || simple === "true";
      return reply
        .code(answer.code)
        .type(JSON_TYPE)
        .send(isSimple ? JSON.stringify(answer.secret) : answer);
    },
  );
}

async function makeNode(hub: Hub, wanted: WantedNode, actor: Actor) {
  const { tag: group, note: remark, hideForGuest } = wanted;
  const name = wanted.name === "" ? plainAddress(actor.address) : wanted.name;
  const notes = { name, group, remark, isHidden: hideForGuest === HIDDEN };
  try {
    const detail = `${name} (Nezha registration)`;
    const act = { actor, action: "node.add", detail, outcome: addedNode };
    const { token: secret } = await hub.audit.act(act, () => hub.registry.add({ notes }));
    return { code: 200, message: "Server created successfully", secret };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: 500, message: `Database error: ${error.message}`, secret: "" };
  }
}
