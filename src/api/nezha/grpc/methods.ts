import type { Clock } from "../../../core/clock.ts";
import type { Hub } from "../../../hub/hub.ts";
import { ProtobufError } from "../../../protocol/protobuf/reader.ts";
import type { NezhaCodec } from "../../../protocol/nezha/codec.ts";
import { METHOD, TASK_TYPE } from "../../../protocol/nezha/service.ts";
import type { NezhaGeneration } from "../../../protocol/nezha/service.ts";
import { bootReceiptCodec, receiptCodec, taskResultCodec } from "../../../protocol/nezha/shared.ts";
import { geoIpCodecV0, hostCodecV0, stateCodecV0 } from "../../../protocol/nezha/v0.ts";
import { geoIpCodecV1, hostCodecV1, stateCodecV1 } from "../../../protocol/nezha/v1.ts";
import { EMPTY_GEO_IP } from "../../../protocol/nezha/messages.ts";
import type { NezhaHost, NezhaState, NezhaTaskResult } from "../../../protocol/nezha/messages.ts";
import type { Agents } from "./agents.ts";
import type { AgentConnection } from "./connection.ts";
import { factsOfHost } from "./figures.ts";
import { isFrom104 } from "./generation.ts";
import type { Caller } from "./gate.ts";
import { CallRefusal, STATUS } from "./refusal.ts";
import { serveTerminal } from "./io-stream.ts";
import { bufferOf, failStream, writeTo } from "./stream.ts";
import type { AgentStream } from "./stream.ts";

/** What all methods share. */
export interface MethodContext {
  readonly hub: Hub;
  readonly agents: Agents;
  readonly clock: Clock;
  /** When this process began, in Unix seconds: agents tell everything again when it changes. */
  readonly bootTime: number;
}

/** One method of the service. */
export interface AgentMethod {
  readonly path: string;
  /** Who may call; there is nobody else on this listener. */
  readonly access: "agent";
  readonly serve: (stream: AgentStream, caller: Caller, context: MethodContext) => void;
}

/** Longer ones of these are no reports: real ones have some hundred bytes. */
const MAX_REPORT = 64 * 1024;
const VARINT_ID = 0x08;
const VARINT_TYPE = 0x10;
const RECEIPT = bufferOf(receiptCodec.encode({ proced: true }));
const HOST: Record<NezhaGeneration, NezhaCodec<NezhaHost>> = { v0: hostCodecV0, v1: hostCodecV1 };
const STATE: Record<NezhaGeneration, NezhaCodec<NezhaState>> = {
  v0: stateCodecV0,
  v1: stateCodecV1,
};
const EXIT_STATUS = /exit status (\d{1,3})\s*$/;

/** Runs a handler of messages; what it throws ends the call and is counted. */
function onMessages(
  stream: AgentStream,
  { hub }: MethodContext,
  handle: (message: Buffer) => void,
): void {
  stream.on("data", (message: Buffer) => {
    try {
      handle(message);
    } catch (error) {
      if (error instanceof ProtobufError) {
        hub.ingest.count("malformed");
        failStream(stream, new CallRefusal(STATUS.invalidArgument, "malformed message"));
      } else failStream(stream, error);
    }
  });
}

function demandShort(message: Buffer, { hub }: MethodContext): Buffer {
  if (message.length <= MAX_REPORT) return message;
  hub.ingest.count("oversize");
  throw new CallRefusal(STATUS.resourceExhausted, "message too long");
}

/** One message, one answer. */
function unary(
  path: string,
  answer: (message: Buffer, caller: Caller, context: MethodContext) => Buffer,
): AgentMethod {
  return {
    path,
    access: "agent",
    serve(stream, caller, context) {
      let isAnswered = false;
      onMessages(stream, context, (message) => {
        if (isAnswered) throw new CallRefusal(STATUS.invalidArgument, "one message is enough");
        isAnswered = true;
        writeTo(stream, answer(message, caller, context));
        stream.end();
      });
      stream.once("end", () => {
        if (!isAnswered) failStream(stream, new CallRefusal(STATUS.invalidArgument, "no message"));
      });
    },
  };
}

function takeHost(message: Buffer, caller: Caller, context: MethodContext): void {
  const host = HOST[caller.generation].decode(demandShort(message, context));
  context.agents.sessionOf(caller).facts(factsOfHost(host, caller.generation));
}

const reportHost = unary(METHOD.reportHost, (message, caller, context) => {
  takeHost(message, caller, context);
  return RECEIPT;
});

const reportHost2 = unary(METHOD.reportHost2, (message, caller, context) => {
  takeHost(message, caller, context);
  return bufferOf(bootReceiptCodec.encode({ data: context.bootTime }));
});

/** A call for each report in v0; from v1 on one stream, whose agent waits for the receipt of each. */
const reportState: AgentMethod = {
  path: METHOD.reportState,
  access: "agent",
  serve(stream, caller, context) {
    const { agents } = context;
    const codec = STATE[caller.generation];
    const connection = caller.generation === "v0" ? undefined : agents.openStates(caller, stream);
    onMessages(stream, context, (message) => {
      agents.report(caller, codec.decode(demandShort(message, context)));
      if (!writeTo(stream, RECEIPT)) connection?.end();
    });
    stream.once("end", () => {
      if (connection === undefined) stream.end();
      else connection.end();
    });
  },
};

function outcomeOf({ data, successful }: NezhaTaskResult): { output: string; exitCode?: number } {
  if (successful) return { output: data, exitCode: 0 };
  const status = EXIT_STATUS.exec(data)?.[1];
  return status === undefined ? { output: data } : { output: data, exitCode: Number(status) };
}

function takeResult(result: NezhaTaskResult, caller: Caller, context: MethodContext): void {
  const { id, type, successful, delay } = result;
  const { agents, hub } = context;
  if (type === TASK_TYPE.keepalive) {
    agents.connectionOf(caller)?.session?.sign();
    return;
  }
  if (type === TASK_TYPE.command) {
    const run = agents.takeCommand(caller.node, id);
    if (run !== undefined) hub.control.finish(caller.node, { id: run, ...outcomeOf(result) });
    return;
  }
  const isProbe = type >= TASK_TYPE.httpGet && type <= TASK_TYPE.tcpPing;
  if (!isProbe || agents.connectionOf(caller)?.takeAsked(id) !== true) return;
  agents.sessionOf(caller).ping({ task: id, elapsedMs: successful ? delay : undefined });
}

const reportTask = unary(METHOD.reportTask, (message, caller, context) => {
  takeResult(taskResultCodec.decode(message), caller, context);
  return RECEIPT;
});

/** Up to v1.0.20 the agent asks once, with its host; later ones tell their results here. */
function isHost(message: Buffer, generation: NezhaGeneration): boolean {
  if (generation === "v0" || message.length === 0) return true;
  return message[0] !== VARINT_ID && message[0] !== VARINT_TYPE;
}

/** The way to the agent. One that asked with its host leaves this open after its half has ended. */
const requestTask: AgentMethod = {
  path: METHOD.requestTask,
  access: "agent",
  serve(stream, caller, context) {
    const connection: AgentConnection = context.agents.openTasks(caller, stream);
    let isFirst = true;
    let asksOnce = false;
    onMessages(stream, context, (message) => {
      if (isFirst) asksOnce = isHost(message, caller.generation);
      isFirst = false;
      if (asksOnce) takeHost(message, caller, context);
      else takeResult(taskResultCodec.decode(message), caller, context);
    });
    stream.once("end", () => {
      if (!asksOnce) connection.end();
    });
  },
};

/** There is no table of addresses here: an agent is told what is known already. */
const lookupGeoIp = unary(METHOD.lookupGeoIp, (message, caller, context) => {
  const { ip } = geoIpCodecV0.decode(demandShort(message, context));
  const countryCode = context.hub.registry.byId(caller.node)?.facts.countryCode ?? "";
  return bufferOf(geoIpCodecV0.encode({ ip, countryCode }));
});

/** An agent that does not know its address leaves it to us. */
const reportGeoIp = unary(METHOD.reportGeoIp, (message, caller, context) => {
  const { bootTime: dashboardBootTime, agents, hub } = context;
  const report = geoIpCodecV1.decode(demandShort(message, context));
  const { address } = caller;
  const seen = address.includes(":") ? { ipv4: "", ipv6: address } : { ipv4: address, ipv6: "" };
  const isKnown = report.ip.ipv4 !== "" || report.ip.ipv6 !== "";
  agents.sessionOf(caller).facts(isKnown ? report.ip : seen);
  const countryCode = hub.registry.byId(caller.node)?.facts.countryCode ?? "";
  return bufferOf(geoIpCodecV1.encode({ ...EMPTY_GEO_IP, countryCode, dashboardBootTime }));
});

/** Only terminals that the hub asked for; files and tunnels are never asked for. */
const ioStream: AgentMethod = {
  path: METHOD.ioStream,
  access: "agent",
  serve(stream, caller, context) {
    serveTerminal({
      stream,
      clock: context.clock,
      join: (name) => context.hub.control.joinTerminal(caller.node, name),
      // Earlier ones take an empty frame for the end.
      keepsAlive: isFrom104(caller, context.hub),
    });
  },
};

/** Everything that agents of any generation call. */
export const AGENT_METHODS: readonly AgentMethod[] = [
  reportHost,
  reportHost2,
  reportState,
  requestTask,
  reportTask,
  lookupGeoIp,
  reportGeoIp,
  ioStream,
];
