import type { FastifyReply, FastifyRequest } from "fastify";
import { OcrError, StreamerUnavailableError } from "../../device/streamer/streamer-errors.ts";
import type { Streamer } from "../../device/streamer/streamer.ts";
import type { PictureBox } from "../../platform/picture/port.ts";
import type { VideoSnapshot } from "../../platform/video/port.ts";
import { TEXT_TYPE } from "../../protocol/kvmd/envelope.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import type { Query } from "../../protocol/kvmd/query.ts";
import { validateStreamQuality } from "../../protocol/kvmd/validators-media.ts";
import {
  KvmdValidatorError,
  optional,
  validateBool,
  validateInt,
  validateStringList,
} from "../../protocol/kvmd/validators.ts";
import { NO_CACHE_HEADERS } from "../../protocol/ustreamer/multipart-writer.ts";
import { clientLife } from "./client-life.ts";

interface SnapshotQuery {
  readonly save: boolean;
  readonly load: boolean;
  readonly allowOffline: boolean;
  readonly preview:
    | { readonly maxWidth: number; readonly maxHeight: number; readonly quality: number }
    | undefined;
  readonly ocr: { readonly languages: readonly string[]; readonly box: PictureBox } | undefined;
}

const flag = (query: Query, name: string): boolean => optional(query[name], validateBool, false);
const size = (query: Query, name: string): number =>
  optional(query[name], (raw) => validateInt(raw, { min: 0 }), 0);
const edge = (query: Query, name: string): number =>
  optional(query[name], (raw) => validateInt(raw, { min: -1 }), -1);

function readQuery(query: Query): SnapshotQuery {
  const preview = {
    maxWidth: size(query, "preview_max_width"),
    maxHeight: size(query, "preview_max_height"),
    quality: optional(query["preview_quality"], validateStreamQuality, 80),
  };
  const ocr = {
    languages: optional(query["ocr_langs"], validateStringList, []),
    box: {
      left: edge(query, "ocr_left"),
      top: edge(query, "ocr_top"),
      right: edge(query, "ocr_right"),
      bottom: edge(query, "ocr_bottom"),
    },
  };
  return {
    save: flag(query, "save"),
    load: flag(query, "load"),
    allowOffline: flag(query, "allow_offline"),
    preview: flag(query, "preview") ? preview : undefined,
    ocr: flag(query, "ocr") ? ocr : undefined,
  };
}

function loadSaved(streamer: Streamer): VideoSnapshot {
  const saved = streamer.savedSnapshot();
  if (saved === undefined) throw new StreamerUnavailableError("No snapshot was saved");
  return saved;
}

async function readText(
  streamer: Streamer,
  { frame }: VideoSnapshot,
  { languages, box }: { readonly languages: readonly string[]; readonly box: PictureBox },
  signal: AbortSignal,
): Promise<string> {
  const { enabled, languages: installed } = await streamer.ocr.look();
  if (!enabled) throw new OcrError("OCR is not available");
  const unknown = languages.find((name) => !installed.includes(name));
  if (unknown !== undefined)
    throw new KvmdValidatorError(`The argument '${unknown}' is not a valid OCR language`);
  return streamer.ocr.read(frame, box, languages, signal);
}

/** `GET /streamer/snapshot` (PiKVM API 4.8). Unlike there, it starts the video for as long as it needs it. */
export function createSnapshotHandler(streamer: Streamer) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { save, load, allowOffline, preview, ocr } = readQuery(queryOf(request.query));
    const signal = clientLife(request, reply);
    const snapshot = load
      ? loadSaved(streamer)
      : await streamer.snapshot({ allowOffline, save }, signal);
    void reply.headers({ ...NO_CACHE_HEADERS, ...snapshot.headers });
    if (ocr !== undefined) {
      return reply.type(TEXT_TYPE).send(await readText(streamer, snapshot, ocr, signal));
    }
    const { frame } = snapshot;
    const jpeg = preview === undefined ? frame.jpeg : await streamer.preview(frame, preview);
    return reply.type("image/jpeg").send(jpeg);
  };
}
