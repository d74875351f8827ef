/**
 * PiKVM's Redfish service (PiKVM API 4.11): bare documents, 204 for actions, PiKVM's envelope for errors. Registered
 * below `/redfish/v1` and `/api/redfish/v1`. Deliberately different from the original: an image is shown as a CD-ROM when
 * its name ends in `.iso`, `WriteProtected` says what its name says, a medium stays in the drive when the next one does
 * not exist, and the boot order action that is advertised is there.
 */
import type { FastifyInstance } from "fastify";
import { speakDialect } from "../../http/dialect.ts";
import type { Device } from "../../device/device.ts";
import { JSON_TYPE } from "../../protocol/kvmd/envelope.ts";
import { SERVICE_ROOT } from "../../protocol/redfish/resources.ts";
import { acceptAnyBody } from "../kvmd/body.ts";
import { installKvmdErrors } from "../kvmd/errors.ts";
import { managersRoutes } from "./managers.ts";
import { systemsRoutes } from "./systems.ts";

export interface RedfishApiOptions {
  readonly device: Device;
}

/** Declares every route of the service. */
export function redfishApi(
  app: FastifyInstance,
  { device }: RedfishApiOptions,
  done: () => void,
): void {
  speakDialect(app, "redfish");
  const { atx, multiport, info, msd } = device;
  installKvmdErrors(app);
  acceptAnyBody(app);
  app.route({
    method: "GET",
    url: "/",
    config: { access: "public" },
    handler: (_request, reply) => reply.type(JSON_TYPE).send(SERVICE_ROOT),
  });
  systemsRoutes(app, { atx, multiport, info });
  managersRoutes(app, { msd });
  done();
}
