/** `/redfish/v1/Systems`: the computer on the device, and those on the ports of a PiKVM Switch. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Atx } from "../../device/atx/atx.ts";
import type { AtxAction, AtxButton } from "../../device/atx/atx-state.ts";
import type { Info } from "../../device/info/info.ts";
import { settingsOfPort } from "../../device/switch/switch-settings.ts";
import type { Switch } from "../../device/switch/switch.ts";
import { JSON_TYPE } from "../../protocol/kvmd/envelope.ts";
import {
  isResetType,
  parseSystemId,
  systemDocument,
  systemIdOf,
  systemsDocument,
} from "../../protocol/redfish/resources.ts";
import type { ResetType, SystemFacts, SystemId } from "../../protocol/redfish/resources.ts";
import { CHANNELS } from "../../protocol/switch/messages.ts";
import { HttpError } from "./http-error.ts";
import { jsonBody } from "./json-body.ts";

export interface SystemsOptions {
  readonly atx: Atx;
  readonly multiport: Switch;
  readonly info: Info;
}

type Press = { readonly action: AtxAction } | { readonly button: AtxButton };

const PRESS_OF_RESET: Readonly<Record<ResetType, Press>> = {
  On: { action: "on" },
  ForceOn: { action: "on" },
  ForceOff: { action: "off_hard" },
  GracefulShutdown: { action: "off" },
  ForceRestart: { action: "reset_hard" },
  PushPowerButton: { button: "power" },
};

interface SystemRequest {
  readonly Params: { readonly sid: string };
}

function idIn({ params }: FastifyRequest<SystemRequest>): SystemId {
  const id = parseSystemId(params.sid);
  if (id === undefined) throw new HttpError("Missing or invalid Server ID");
  return id;
}

/** `server.host` of the metadata, or the device's own name. */
function hostNameOf({ meta, node }: Info): string {
  const tree = meta.value;
  const server: unknown =
    typeof tree === "object" && tree !== null && "server" in tree ? tree.server : undefined;
  const host: unknown =
    typeof server === "object" && server !== null && "host" in server ? server.host : undefined;
  return typeof host === "string" && host !== "" ? host : node.value.host;
}

function factsOf({ atx, multiport, info }: SystemsOptions, id: SystemId): SystemFacts {
  if (id.port === undefined) {
    return { id, hostName: hostNameOf(info), isOn: atx.state.value.leds.power };
  }
  const { units, settings } = multiport.state.value;
  const unit = units[Math.floor(id.port / CHANNELS)];
  if (unit === undefined) throw new HttpError("Non-existent Switch Port ID");
  const { name } = settingsOfPort(settings, id.port);
  const hostName = name === "" ? systemIdOf(id) : name;
  return { id, hostName, isOn: unit.leds.power[id.port % CHANNELS] === true };
}

function idsOf({ atx, multiport }: SystemsOptions): readonly string[] {
  const count = multiport.state.value.units.length * CHANNELS;
  const ports = Array.from({ length: count }, (_, port) => systemIdOf({ port }));
  return atx.state.value.enabled ? [systemIdOf({ port: undefined }), ...ports] : ports;
}

async function reset(options: SystemsOptions, id: SystemId, type: ResetType): Promise<void> {
  const { atx, multiport } = options;
  const press = PRESS_OF_RESET[type];
  if (id.port !== undefined) {
    if ("action" in press) multiport.power(id.port, press.action);
    else multiport.click(id.port, press.button);
    return;
  }
  // Without buttons there is nothing to press, which PiKVM does not count as a failure.
  if (!atx.state.value.enabled) return;
  if ("action" in press) await atx.power(press.action, { wait: false });
  else await atx.click(press.button, { wait: false });
}

/** Declares the routes relative to `/redfish/v1`. */
export function systemsRoutes(app: FastifyInstance, options: SystemsOptions): void {
  app.route({
    method: "GET",
    url: "/Systems",
    config: { access: "viewer" },
    handler: (_request, reply) => reply.type(JSON_TYPE).send(systemsDocument(idsOf(options))),
  });
  app.route<SystemRequest>({
    method: "GET",
    url: "/Systems/:sid",
    config: { access: "viewer" },
    handler: (request, reply) =>
      reply.type(JSON_TYPE).send(systemDocument(factsOf(options, idIn(request)))),
  });
  app.route<SystemRequest>({
    method: "PATCH",
    url: "/Systems/:sid",
    config: { access: "operator" },
    handler: (_request, reply) => reply.code(204).send(),
  });
  app.route<SystemRequest>({
    method: "POST",
    url: "/Systems/:sid/Actions/ComputerSystem.Reset",
    config: { access: "operator" },
    async handler(request, reply) {
      const id = idIn(request);
      const type = jsonBody(request)?.["ResetType"];
      if (!isResetType(type)) throw new HttpError("Missing or invalid ResetType");
      await reset(options, id, type);
      const { principal } = request;
      request.log.info({ user: principal?.user, system: systemIdOf(id), type }, "Redfish reset");
      return reply.code(204).send();
    },
  });
  app.route<SystemRequest>({
    method: "POST",
    url: "/Systems/:sid/Actions/ComputerSystem.SetDefaultBootOrder",
    config: { access: "operator" },
    handler(request, reply) {
      // The boot order is the computer's own and never changed from here: the default one is in force.
      idIn(request);
      return reply.code(204).send();
    },
  });
}
