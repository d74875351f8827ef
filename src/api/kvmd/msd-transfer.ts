/**
 * Images in and out: `/api/msd/read`, `/write` and `/write_remote` (PiKVM API 2.5, 4.5). Deliberately different from the
 * original: a failure in the middle of a remote upload ends the answer cleanly after its record.
 */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../core/clock.ts";
import { compressorFor } from "../../device/msd/compress.ts";
import { MsdRemoteDisabledError } from "../../device/msd/msd-errors.ts";
import type { MsdUpload } from "../../device/msd/msd-upload.ts";
import type { Msd } from "../../device/msd/msd.ts";
import type { ProcessRunner } from "../../platform/process/port.ts";
import type { RemoteFile, RemoteFiles } from "../../platform/storage/remote/port.ts";
import { JSON_TYPE, NDJSON_TYPE, ok } from "../../protocol/kvmd/envelope.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import type { Query } from "../../protocol/kvmd/query.ts";
import {
  validateCompression,
  validateMsdImageName,
  validateUrl,
} from "../../protocol/kvmd/validators-media.ts";
import {
  optional,
  validateBool,
  validateFloat,
  validateInt,
} from "../../protocol/kvmd/validators.ts";
import { acceptStreams, bodyStream } from "./body-stream.ts";
import { clientLife } from "./client-life.ts";
import { uploadRecords } from "./msd-records.ts";
import { uploadView } from "./msd-view.ts";

export interface MsdTransferOptions {
  readonly msd: Msd;
  readonly remoteFiles: RemoteFiles;
  readonly process: ProcessRunner;
  readonly clock: Clock;
}

const DEFAULT_TIMEOUT_SECONDS = 10;

function imageNameIn(query: Query, image: string | undefined): string {
  // The prefix is optional, the image is not.
  if (image === undefined) return validateMsdImageName(undefined);
  return validateMsdImageName(`${query["prefix"] ?? ""}/${image}`);
}

function removesIncomplete(query: Query): boolean {
  return optional(query["remove_incomplete"], validateBool, false);
}

/** Aborted when the client is gone or its credentials are revoked. */
function lifeOf(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const life = clientLife(request, reply);
  const { principal } = request;
  return principal === null ? life : AbortSignal.any([life, principal.revoked]);
}

function createRead({ msd, process }: MsdTransferOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const query = queryOf(request.query);
    const name = validateMsdImageName(query["image"]);
    const mode = optional(query["compress"], validateCompression, "");
    const compressor = await compressorFor(mode, process);
    const download = await msd.startDownload(name);
    const signal = lifeOf(request, reply);
    const fileName = `${name.split("/").at(-1) ?? ""}${compressor?.suffix ?? ""}`;
    const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`;
    const plain = download.chunks();
    async function* bytes(): AsyncGenerator<Uint8Array, void> {
      try {
        yield* compressor === undefined ? plain : compressor.run(plain, signal);
      } finally {
        await download.close();
      }
    }
    // A client that is gone before the first byte never starts the generator.
    signal.addEventListener("abort", () => void download.close(), { once: true });
    if (signal.aborted) await download.close();
    if (compressor === undefined) {
      void reply.header("Content-Length", download.progress.sizeBytes);
    }
    return reply
      .type("application/octet-stream")
      .header("Content-Disposition", disposition)
      .send(Readable.from(bytes(), { highWaterMark: 2 }));
  };
}

function createWrite({ msd, clock }: MsdTransferOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const query = queryOf(request.query);
    const name = imageNameIn(query, query["image"]);
    const removeIncomplete = removesIncomplete(query);
    const sizeBytes = validateInt(request.headers["content-length"], { min: 0 });
    const upload = await msd.startUpload({ name, sizeBytes, removeIncomplete });
    const signal = lifeOf(request, reply);
    const idleMs = msd.config.idleSeconds * 1000;
    const source = bodyStream(request, { clock, idleMs, signal });
    const image = uploadView(await upload.run(source));
    return reply.type(JSON_TYPE).send(ok({ image }));
  };
}

async function startRemote(
  { msd }: MsdTransferOptions,
  query: Query,
  file: RemoteFile,
): Promise<MsdUpload> {
  try {
    return await msd.startUpload({
      name: imageNameIn(query, query["image"] ?? file.name),
      sizeBytes: file.sizeBytes,
      removeIncomplete: removesIncomplete(query),
    });
  } catch (error) {
    file.close();
    throw error;
  }
}

function createWriteRemote(options: MsdTransferOptions) {
  const { msd, remoteFiles, clock } = options;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const query = queryOf(request.query);
    const url = validateUrl(query["url"]);
    const insecure = optional(query["insecure"], validateBool, false);
    const timeoutSeconds = optional(
      query["timeout"],
      (raw) => validateFloat(raw, { min: 0.1 }),
      DEFAULT_TIMEOUT_SECONDS,
    );
    // What can be refused is refused before anybody is called.
    removesIncomplete(query);
    if (query["image"] !== undefined) imageNameIn(query, query["image"]);
    if (!msd.config.remote.enabled) {
      throw new MsdRemoteDisabledError("Upload from an address is switched off");
    }
    const { allowPrivate, maxRedirects } = msd.config.remote;
    const signal = lifeOf(request, reply);
    const timeoutMs = Math.min(timeoutSeconds, 3600) * 1000;
    const limits = { allowPrivate, maxRedirects, insecure, timeoutMs, signal };
    const file = await remoteFiles.open(url, limits);
    const upload = await startRemote(options, query, file);
    const records = uploadRecords({ upload, file, clock, signal, log: request.log });
    return reply.type(NDJSON_TYPE).header("X-Accel-Buffering", "no").send(Readable.from(records));
  };
}

/** Declares the routes in a scope of its own, relative to the dialect's prefix. */
export function msdTransferRoutes(app: FastifyInstance, options: MsdTransferOptions): void {
  void app.register((scope, _options, done) => {
    acceptStreams(scope);
    const config = { access: "operator", streamsBody: true } as const;
    scope.route({ method: "GET", url: "/msd/read", config, handler: createRead(options) });
    scope.route({ method: "POST", url: "/msd/write", config, handler: createWrite(options) });
    scope.route({
      method: "POST",
      url: "/msd/write_remote",
      config,
      handler: createWriteRemote(options),
    });
    done();
  });
}
