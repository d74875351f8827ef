/** `/redfish/v1/Managers`: the device as a manager, and its drive. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Msd } from "../../device/msd/msd.ts";
import type { MsdState } from "../../device/msd/msd-state.ts";
import { ImageMissingError } from "../../platform/storage/port.ts";
import { JSON_TYPE } from "../../protocol/kvmd/envelope.ts";
import { rawOf } from "../../protocol/kvmd/query.ts";
import { validateBool } from "../../protocol/kvmd/validators.ts";
import { validateMsdImageName } from "../../protocol/kvmd/validators-media.ts";
import {
  BMC_DOCUMENT,
  MANAGERS_DOCUMENT,
  MEDIA_COLLECTION,
  mediaDocument,
} from "../../protocol/redfish/resources.ts";
import type { MediaFacts } from "../../protocol/redfish/resources.ts";
import { HttpError } from "./http-error.ts";
import { jsonBody } from "./json-body.ts";

export interface ManagersOptions {
  readonly msd: Pick<Msd, "state" | "setParams" | "setConnected">;
}

function factsOf({ enabled, online, busy, drive }: MsdState): MediaFacts {
  if (!online || drive === null) return { enabled, online, busy, drive: null };
  const { image, connected, cdrom, rw } = drive;
  return { enabled, online, busy, drive: { image: image?.name ?? null, connected, cdrom, rw } };
}

interface Insertion {
  readonly image: string;
  readonly connect: boolean;
  readonly rw: boolean;
}

function insertionIn(request: FastifyRequest): Insertion {
  const body = jsonBody(request);
  if (body === undefined) throw new HttpError("Invalid body");
  const { Image: image, Inserted: inserted = true, WriteProtected: isProtected = true } = body;
  return {
    image: validateMsdImageName(rawOf(image)),
    connect: validateBool(rawOf(inserted)),
    rw: !validateBool(rawOf(isProtected)),
  };
}

async function eject({ msd }: ManagersOptions): Promise<void> {
  await msd.setConnected(false);
  await msd.setParams({ image: "" });
}

async function insert(options: ManagersOptions, { image, connect, rw }: Insertion): Promise<void> {
  const { msd } = options;
  const { drive, storage } = msd.state.value;
  // What is in the drive must not be lost to a name that is wrong.
  if (storage !== null && !Object.hasOwn(storage.images, image)) throw new ImageMissingError(image);
  if (drive?.connected === true) await eject(options);
  await msd.setParams({ image, cdrom: image.toLowerCase().endsWith(".iso"), rw });
  if (connect) await msd.setConnected(true);
}

/** Declares the routes relative to `/redfish/v1`. */
export function managersRoutes(app: FastifyInstance, options: ManagersOptions): void {
  const documents = {
    "/Managers": () => MANAGERS_DOCUMENT,
    "/Managers/BMC": () => BMC_DOCUMENT,
    "/Managers/BMC/VirtualMedia": () => MEDIA_COLLECTION,
    "/Managers/BMC/VirtualMedia/MSD": () => mediaDocument(factsOf(options.msd.state.value)),
  };
  for (const [url, document] of Object.entries(documents)) {
    app.route({
      method: "GET",
      url,
      config: { access: "viewer" },
      handler: (_request, reply) => reply.type(JSON_TYPE).send(document()),
    });
  }
  app.route({
    method: "POST",
    url: "/Managers/BMC/VirtualMedia/MSD/Actions/VirtualMedia.InsertMedia",
    config: { access: "operator" },
    async handler(request, reply) {
      const insertion = insertionIn(request);
      await insert(options, insertion);
      request.log.info({ user: request.principal?.user, ...insertion }, "Redfish medium inserted");
      return reply.code(204).send();
    },
  });
  app.route({
    method: "POST",
    url: "/Managers/BMC/VirtualMedia/MSD/Actions/VirtualMedia.EjectMedia",
    config: { access: "operator" },
    async handler(request, reply) {
      await eject(options);
      request.log.info({ user: request.principal?.user }, "Redfish medium ejected");
      return reply.code(204).send();
    },
  });
}
