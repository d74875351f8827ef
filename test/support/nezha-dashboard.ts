import { status } from "@grpc/grpc-js";
import type { Metadata } from "@grpc/grpc-js";
import { createStore } from "../../src/core/store.ts";
import type { Store } from "../../src/core/store.ts";
import type { NezhaCodec } from "../../src/protocol/nezha/codec.ts";
import { attachedStream } from "../../src/protocol/nezha/io-stream.ts";
import type {
  NezhaAddresses,
  NezhaHost,
  NezhaState,
  NezhaTask,
  NezhaTaskResult,
} from "../../src/protocol/nezha/messages.ts";
import { METHOD } from "../../src/protocol/nezha/service.ts";
import {
  bootReceiptCodec,
  ioDataCodec,
  receiptCodec,
  taskCodec,
  taskResultCodec,
} from "../../src/protocol/nezha/shared.ts";
import { geoIpCodecV0, hostCodecV0, stateCodecV0 } from "../../src/protocol/nezha/v0.ts";
import { geoIpCodecV1, hostCodecV1, stateCodecV1 } from "../../src/protocol/nezha/v1.ts";
import { Refusal, startGrpcServer } from "./grpc-server.ts";
import type { GrpcHandler, GrpcTestServer, ServerStream } from "./grpc-server.ts";

/** `v1.0.0`: results as calls. `v1.0.21`: on the task stream. `v2`: with the receipt of its start. */
export type DashboardEdition = "v0.20" | "v1.0.0" | "v1.0.21" | "v2";

/** What the dashboard has been told so far. */
export interface Told {
  readonly calls: readonly string[];
  readonly hosts: readonly NezhaHost[];
  readonly states: readonly NezhaState[];
  readonly results: readonly NezhaTaskResult[];
  readonly addresses: readonly NezhaAddresses[];
  /** Task channels that were opened. */
  readonly channels: number;
  /** By stream id: everything after the first frame. */
  readonly streams: Readonly<Record<string, string>>;
  readonly endedStreams: readonly string[];
  readonly uuids: readonly string[];
}

const NOTHING: Told = {
  calls: [],
  hosts: [],
  states: [],
  results: [],
  addresses: [],
  channels: 0,
  streams: {},
  endedStreams: [],
  uuids: [],
};

export interface DashboardOptions {
  readonly edition: DashboardEdition;
  readonly secret: string;
  readonly port?: number;
  readonly bootTime?: number;
  /** As v1.1.1 to v1.9.5: the refusal shows on the streams only. */
  readonly ignoresSecretOfHost?: boolean;
}

export interface NezhaDashboard {
  readonly port: number;
  readonly told: Store<Told>;
  /** No receipts while false: what a line looks like that is dead in one direction. */
  confirms: boolean;
  sendTask(task: NezhaTask): void;
  sendToStream(id: string, data: Uint8Array): void;
  /** Ends the newest streams of state and tasks in good order, as for an agent that another one replaces. */
  endSessions(code?: status): void;
  close(): void;
}

class FakeDashboard implements NezhaDashboard {
  confirms = true;
  port = 0;
  readonly #told = createStore<Told>(NOTHING);
  readonly #options: DashboardOptions;
  readonly #hostCodec: NezhaCodec<NezhaHost>;
  readonly #stateCodec: NezhaCodec<NezhaState>;
  readonly #streams = new Map<string, ServerStream>();
  /** Task data in which streams were offered. */
  #offers = "";
  #server: GrpcTestServer | undefined;
  #tasks: ServerStream | undefined;
  #states: ServerStream | undefined;

  constructor(options: DashboardOptions) {
    this.#options = options;
    const isV0 = options.edition === "v0.20";
    this.#hostCodec = isV0 ? hostCodecV0 : hostCodecV1;
    this.#stateCodec = isV0 ? stateCodecV0 : stateCodecV1;
  }

  get told(): Store<Told> {
    return this.#told;
  }

  async start(): Promise<void> {
    const { port = 0 } = this.#options;
    this.#server = await startGrpcServer({ handlers: this.#handlers(), port });
    this.port = this.#server.port;
  }

  sendTask(task: NezhaTask): void {
    this.#offers += task.data;
    this.#tasks?.write(taskCodec.encode(task));
  }

  sendToStream(id: string, data: Uint8Array): void {
    this.#streams.get(id)?.write(ioDataCodec.encode({ data }));
  }

  endSessions(code = status.UNKNOWN): void {
    this.#tasks?.end();
    this.#states?.emit("error", new Refusal(code, "state stream superseded"));
  }

  close(): void {
    this.#server?.close();
  }

  #note(part: Partial<Told>): void {
    this.#told.set({ ...this.#told.value, ...part });
  }

  #check(metadata: Metadata, path: string): void {
    this.#note({ calls: [...this.#told.value.calls, path.split("/").at(-1) ?? ""] });
    const uuid = metadata.get("client_uuid")[0];
    if (typeof uuid === "string" && !this.#told.value.uuids.includes(uuid)) {
      this.#note({ uuids: [...this.#told.value.uuids, uuid] });
    }
    const needsUuid = this.#options.edition !== "v0.20";
    const isKnown = metadata.get("client_secret")[0] === this.#options.secret;
    if (!isKnown || (needsUuid && uuid === undefined)) {
      throw new Refusal(status.UNAUTHENTICATED, "unknown secret");
    }
  }

  #unary(
    path: string,
    handle: (message: Uint8Array) => Uint8Array,
    checksSecret = true,
  ): [string, GrpcHandler] {
    const guarded = (message: Uint8Array, metadata: Metadata): Uint8Array => {
      try {
        this.#check(metadata, path);
      } catch (error) {
        if (checksSecret) throw error;
      }
      return handle(message);
    };
    return [path, { kind: "unary", handle: guarded }];
  }

  #stream(path: string, handle: (stream: ServerStream) => void): [string, GrpcHandler] {
    const guarded = (stream: ServerStream): void => {
      try {
        this.#check(stream.metadata, path);
        handle(stream);
      } catch (error) {
        stream.emit("error", error);
      }
    };
    return [path, { kind: "stream", handle: guarded }];
  }

  #handlers(): ReadonlyMap<string, GrpcHandler> {
    const { edition, ignoresSecretOfHost = false } = this.#options;
    const receipt = receiptCodec.encode({ proced: true });
    const noteHost = (message: Uint8Array): void => {
      this.#note({ hosts: [...this.#told.value.hosts, this.#hostCodec.decode(message)] });
    };
    const noteResult = (message: Uint8Array): void => {
      this.#note({ results: [...this.#told.value.results, taskResultCodec.decode(message)] });
    };
    const host = this.#unary(
      METHOD.reportHost,
      (message) => {
        noteHost(message);
        return receipt;
      },
      !ignoresSecretOfHost,
    );
    const resultCall = this.#unary(METHOD.reportTask, (message) => {
      noteResult(message);
      return receipt;
    });
    const taskAnswer = this.#stream(METHOD.requestTask, (stream) => {
      stream.once("data", noteHost);
      this.#openTasks(stream);
    });
    const taskStream = this.#stream(METHOD.requestTask, (stream) => {
      stream.on("data", noteResult);
      this.#openTasks(stream);
    });
    const io = this.#stream(METHOD.ioStream, (stream) => {
      this.#openStream(stream);
    });
    const noteState = (message: Uint8Array): void => {
      this.#note({ states: [...this.#told.value.states, this.#stateCodec.decode(message)] });
    };
    if (edition === "v0.20") {
      const state = this.#unary(METHOD.reportState, (message) => {
        noteState(message);
        return receipt;
      });
      const geo = this.#unary(METHOD.lookupGeoIp, (message) => {
        const { ip } = geoIpCodecV0.decode(message);
        this.#note({ addresses: [...this.#told.value.addresses, { ipv4: ip, ipv6: "" }] });
        return geoIpCodecV0.encode({ ip, countryCode: "us" });
      });
      return new Map([host, resultCall, taskAnswer, io, state, geo]);
    }
    const state = this.#stream(METHOD.reportState, (stream) => {
      this.#states = stream;
      stream.on("data", (message: Uint8Array) => {
        noteState(message);
        if (this.confirms) stream.write(receipt);
      });
    });
    const geo = this.#unary(METHOD.reportGeoIp, (message) => {
      const report = geoIpCodecV1.decode(message);
      this.#note({ addresses: [...this.#told.value.addresses, report.ip] });
      return geoIpCodecV1.encode({ ...report, countryCode: "us" });
    });
    if (edition === "v1.0.0") return new Map([host, resultCall, taskAnswer, io, state, geo]);
    if (edition === "v1.0.21") return new Map([host, taskStream, io, state, geo]);
    const { bootTime = 1_767_000_000 } = this.#options;
    const host2 = this.#unary(
      METHOD.reportHost2,
      (message) => {
        noteHost(message);
        return bootReceiptCodec.encode({ data: bootTime });
      },
      !ignoresSecretOfHost,
    );
    return new Map([host, host2, taskStream, io, state, geo]);
  }

  #openTasks(stream: ServerStream): void {
    // As the original: the newest task channel ends the one before.
    if (this.#options.edition === "v0.20") this.#tasks?.end();
    this.#tasks = stream;
    this.#note({ channels: this.#told.value.channels + 1 });
  }

  #openStream(stream: ServerStream): void {
    let id: string | undefined;
    stream.on("data", (message: Uint8Array) => {
      const { data } = ioDataCodec.decode(message);
      if (id === undefined) {
        id = attachedStream(data) ?? "";
        if (id === "" || !this.#offers.includes(`"${id}"`)) {
          stream.emit("error", new Refusal(status.UNKNOWN, "stream not found"));
          return;
        }
        this.#streams.set(id, stream);
        this.#note({ streams: { ...this.#told.value.streams, [id]: "" } });
        return;
      }
      const before = this.#told.value.streams[id] ?? "";
      const text = before + new TextDecoder().decode(data);
      this.#note({ streams: { ...this.#told.value.streams, [id]: text } });
    });
    const end = (): void => {
      if (id !== undefined) {
        this.#note({ endedStreams: [...this.#told.value.endedStreams, id] });
      }
      stream.end();
    };
    stream.once("end", end);
  }
}

/** A dashboard of one edition on a real gRPC server on loopback; hand-written after the facts in Nezha 1. */
export async function startNezhaDashboard(options: DashboardOptions): Promise<NezhaDashboard> {
  const dashboard = new FakeDashboard(options);
  await dashboard.start();
  return dashboard;
}
