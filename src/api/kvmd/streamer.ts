/** `/api/streamer` and its WebSocket events (PiKVM API 4.8, 5.3). */
import type { FastifyInstance } from "fastify";
import { isEqual } from "../../core/store.ts";
import type { StreamerParams } from "../../device/streamer/streamer-state.ts";
import type { Streamer } from "../../device/streamer/streamer.ts";
import { JSON_TYPE, ok } from "../../protocol/kvmd/envelope.ts";
import { queryOf } from "../../protocol/kvmd/query.ts";
import type { Query } from "../../protocol/kvmd/query.ts";
import {
  validateStreamBitrate,
  validateStreamFps,
  validateStreamGop,
  validateStreamQuality,
  validateStreamResolution,
} from "../../protocol/kvmd/validators-media.ts";
import type { Validator } from "../../protocol/kvmd/validators.ts";
import { acceptAnyBody } from "./body.ts";
import { createSnapshotHandler } from "./snapshot.ts";
import type { StreamViewers } from "./stream-viewers.ts";
import { ocrView, streamerView } from "./streamer-view.ts";
import type { StreamerWire } from "./streamer-view.ts";
import type { EmitWsEvent, WsSource } from "./ws-source.ts";

export interface StreamerRoutesOptions {
  readonly streamer: Streamer;
  readonly viewers: StreamViewers;
}

/** The full state as it is now. */
function viewOf({ streamer, viewers }: StreamerRoutesOptions): StreamerWire {
  return streamerView({
    state: streamer.state.value,
    viewers: viewers.stats.value,
    hasH264Clients: streamer.h264.isWatched.value,
  });
}

/** Empty values count as not given. */
function given<T>(query: Query, name: string, validator: Validator<T>): T | undefined {
  const raw = query[name];
  return raw === undefined || raw.trim() === "" ? undefined : validator(raw);
}

function readChange(query: Query): Partial<StreamerParams> {
  const change = {
    quality: given(query, "quality", validateStreamQuality),
    desiredFps: given(query, "desired_fps", validateStreamFps),
    resolution: given(query, "resolution", validateStreamResolution),
    h264Bitrate: given(query, "h264_bitrate", validateStreamBitrate),
    h264Gop: given(query, "h264_gop", validateStreamGop),
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function settingRoutes(scope: FastifyInstance, { streamer }: StreamerRoutesOptions): void {
  scope.route({
    method: "POST",
    url: "/streamer/set_params",
    config: { access: "operator" },
    handler: (request, reply) => {
      streamer.setParams(readChange(queryOf(request.query)));
      return reply.type(JSON_TYPE).send(ok());
    },
  });
  scope.route({
    method: "POST",
    url: "/streamer/reset",
    config: { access: "operator" },
    handler: (_request, reply) => {
      streamer.reset();
      return reply.type(JSON_TYPE).send(ok());
    },
  });
}

function readingRoutes(scope: FastifyInstance, options: StreamerRoutesOptions): void {
  const { streamer } = options;
  scope.route({
    method: "GET",
    url: "/streamer",
    config: { access: "viewer" },
    handler: (_request, reply) => reply.type(JSON_TYPE).send(ok(viewOf(options))),
  });
  scope.route({
    method: "GET",
    url: "/streamer/snapshot",
    config: { access: "viewer" },
    handler: createSnapshotHandler(streamer),
  });
  scope.route({
    method: "DELETE",
    url: "/streamer/snapshot",
    config: { access: "operator" },
    handler: (_request, reply) => {
      streamer.forgetSnapshot();
      return reply.type(JSON_TYPE).send(ok());
    },
  });
  scope.route({
    method: "GET",
    url: "/streamer/ocr",
    config: { access: "viewer" },
    handler: async (_request, reply) =>
      reply.type(JSON_TYPE).send(ok({ ocr: ocrView(await streamer.ocr.look()) })),
  });
}

/** Declares the routes in a scope of its own, relative to the dialect's prefix. */
export function streamerRoutes(app: FastifyInstance, options: StreamerRoutesOptions): void {
  void app.register((scope, _options, done) => {
    acceptAnyBody(scope);
    readingRoutes(scope, options);
    settingRoutes(scope, options);
    done();
  });
}

/** Parts that have changed, each as an event of its own, so that a slow client gets the newest of every part. */
function emitChanges(previous: StreamerWire, next: StreamerWire, emit: EmitWsEvent): void {
  const { features, limits, params, applied, ...parts } = next;
  if (!isEqual(features, previous.features)) {
    emit("streamer", "streamer", next);
    return;
  }
  const settings = { limits, params, applied };
  const { limits: oldLimits, params: oldParams, applied: oldApplied } = previous;
  if (!isEqual(settings, { limits: oldLimits, params: oldParams, applied: oldApplied })) {
    emit("streamer:params", "streamer", settings);
  }
  const { streamer, snapshot, farhand } = parts;
  if (!isEqual(farhand, previous.farhand)) emit("streamer:farhand", "streamer", { farhand });
  if (!isEqual(streamer, previous.streamer)) emit("streamer:streamer", "streamer", { streamer });
  if (!isEqual(snapshot, previous.snapshot)) emit("streamer:snapshot", "streamer", { snapshot });
}

/** The event `streamer` has the parts that changed; the full state comes to newcomers and when the features change. */
export function streamerSource(options: StreamerRoutesOptions): WsSource {
  const { streamer, viewers } = options;
  return {
    snapshot: () => [{ eventType: "streamer", event: viewOf(options) }],
    watch: (emit) => {
      let previous = viewOf(options);
      const compare = (): void => {
        const next = viewOf(options);
        const before = previous;
        previous = next;
        emitChanges(before, next, emit);
      };
      const stops = [streamer.state, viewers.stats, streamer.h264.isWatched].map((store) =>
        store.subscribe(compare),
      );
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

/** Whether there is text recognition is looked up for the first client, who is told as soon as it is known. */
export function ocrSource({ ocr }: Streamer): WsSource {
  return {
    snapshot: () => {
      void ocr.look();
      return [{ eventType: "ocr", event: ocrView(ocr.state.value) }];
    },
    watch: (emit) => ocr.state.subscribe((state) => emit("ocr", "ocr", ocrView(state))),
  };
}
