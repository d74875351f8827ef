/**
 * The fake core as a program of its own, called as a real one is: `version`, or `-c stdin:` with the configuration on
 * standard input. Its API is real gRPC.
 */
import { text } from "node:stream/consumers";
import { createServer } from "node:http";
import * as grpc from "@grpc/grpc-js";
import { CoreRefusal, FakeCore } from "./fake-core.ts";

const METHODS: Readonly<Record<string, readonly string[]>> = {
  "xray.app.proxyman.command.HandlerService": ["AlterInbound"],
  "xray.app.stats.command.StatsService": [
    "GetSysStats",
    "QueryStats",
    "GetStatsOnline",
    "GetStatsOnlineIpList",
  ],
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const asIs = (bytes: Buffer): Buffer => bytes;

function answer(core: FakeCore, path: string): grpc.handleUnaryCall<Buffer, Buffer> {
  return ({ request }, callback) => {
    if (core.isHanging) return;
    try {
      callback(null, Buffer.from(core.handle(path, request)));
    } catch (error) {
      if (!(error instanceof CoreRefusal)) throw error;
      callback(Object.assign(error, { code: error.status, details: error.message }));
    }
    if (core.hasCrashed) {
      say("panic: asked to crash");
      setImmediate(() => process.exit(2));
    }
  };
}

function serve(core: FakeCore): void {
  const server = new grpc.Server();
  for (const [service, methods] of Object.entries(METHODS)) {
    const paths = methods.map((method) => [method, `/${service}/${method}`] as const);
    const definition = Object.fromEntries(
      paths.map(([method, path]) => [
        method,
        {
          path,
          requestStream: false,
          responseStream: false,
          requestSerialize: asIs,
          requestDeserialize: asIs,
          responseSerialize: asIs,
          responseDeserialize: asIs,
        },
      ]),
    );
    server.addService(
      definition,
      Object.fromEntries(paths.map(([method, path]) => [method, answer(core, path)])),
    );
  }
  const credentials = grpc.ServerCredentials.createInsecure();
  server.bindAsync(`127.0.0.1:${core.apiPort}`, credentials, (error) => {
    if (error === null) say("[Warning] core: Xray 26.1.2 started");
    else fail(`failed to listen TCP on ${core.apiPort}`);
  });
}

/** `/debug/vars`, where the configuration observes anything. */
function serveMetrics(config: string): void {
  const { metrics, observatory } = JSON.parse(config) as {
    metrics: { listen: string };
    observatory?: object;
  };
  if (observatory === undefined) return;
  const row = { alive: true, delay: 12, outbound_tag: "direct", last_try_time: 1_700_000_000 };
  createServer((_request, response) => {
    response.end(JSON.stringify({ observatory: { direct: row, block: { delay: 99_999_999 } } }));
  }).listen(Number(metrics.listen.split(":")[1]), "127.0.0.1");
}

function fail(reason: string): void {
  say(`Failed to start: ${reason}`);
  process.exit(23);
}

if (process.argv[2] === "version") {
  say("Xray 26.1.2 (a fake core for tests)");
} else {
  const config = await text(process.stdin);
  const core = new FakeCore(config);
  const { failWith, startDelayMs = 0 } = core.settings;
  say("Xray 26.1.2 (a fake core for tests)");
  if (failWith !== undefined) fail(failWith);
  setTimeout(() => {
    serve(core);
    serveMetrics(config);
  }, startDelayMs);
}
