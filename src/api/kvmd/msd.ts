/** `/api/msd` (PiKVM API 4.5); what its answers show stands in `msd-view.ts`, moving images in `msd-transfer.ts`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { MsdRemoteDisabledError } from "../../device/msd/msd-errors.ts";
import type { Msd } from "../../device/msd/msd.ts";
import { JSON_TYPE, ok } from "../../protocol/kvmd/envelope.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import type { Query } from "../../protocol/kvmd/query.ts";
import { validateMsdImageName } from "../../protocol/kvmd/validators-media.ts";
import { optional, validateBool } from "../../protocol/kvmd/validators.ts";
import { acceptAnyBody } from "./body.ts";
import { msdTransferRoutes } from "./msd-transfer.ts";
import type { MsdTransferOptions } from "./msd-transfer.ts";
import { msdToWire } from "./msd-view.ts";

export type MsdRoutesOptions = MsdTransferOptions;

/** An image that lies on another computer. */
const REMOTE_IMAGE = /^[a-zA-Z][a-zA-Z0-9._+-]+[a-zA-Z]:\/\/[a-zA-Z0-9[]/;

type Action = (msd: Msd, query: Query) => Promise<void>;

function setParams(msd: Msd, query: Query): Promise<void> {
  if (REMOTE_IMAGE.test(query["image"]?.trim() ?? "")) throw new MsdRemoteDisabledError();
  return msd.setParams({
    image: optional(query["image"], (raw) => validateMsdImageName(raw, { eject: true }), undefined),
    cdrom: optional(query["cdrom"], validateBool, undefined),
    rw: optional(query["rw"], validateBool, undefined),
  });
}

const ACTIONS: Readonly<Record<string, Action>> = {
  "/msd/set_params": setParams,
  "/msd/set_connected": (msd, query) => msd.setConnected(validateBool(query["connected"])),
  "/msd/remove": (msd, query) => msd.remove(validateMsdImageName(query["image"])),
  "/msd/reset": (msd) => msd.reset(),
};

function createHandler(msd: Msd, action: Action) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    await action(msd, queryOf(request.query));
    request.log.info({ user: request.principal?.user, url: request.url }, "MSD request");
    return reply.type(JSON_TYPE).send(ok());
  };
}

/** Declares the routes in scopes of their own, relative to the dialect's prefix. */
export function msdRoutes(app: FastifyInstance, options: MsdRoutesOptions): void {
  const { msd } = options;
  void app.register((scope, _options, done) => {
    acceptAnyBody(scope);
    scope.route({
      method: "GET",
      url: "/msd",
      config: { access: "viewer" },
      handler: (_request, reply) => reply.type(JSON_TYPE).send(ok(msdToWire(msd.state.value))),
    });
    for (const [url, action] of Object.entries(ACTIONS)) {
      scope.route({
        method: "POST",
        url,
        config: { access: "operator" },
        handler: createHandler(msd, action),
      });
    }
    done();
  });
  msdTransferRoutes(app, options);
}
