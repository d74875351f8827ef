/** The answer of ustreamer's `/state` (hardware facts 6.2). Its numbers and names differ a little between versions. */
import Type from "typebox";
import { Compile } from "typebox/compile";

/** One reader of the picture stream, by its hexadecimal id in `clients_stat`. */
export interface StreamClientStat {
  readonly fps: number;
  readonly extra_headers: boolean;
  readonly advance_headers: boolean;
  readonly dual_final_frames: boolean;
  readonly zero_data: boolean;
  readonly key: string;
}

const ReplySchema = Type.Object({
  ok: Type.Boolean(),
  result: Type.Object({
    encoder: Type.Object({ type: Type.String(), quality: Type.Number() }),
    h264: Type.Optional(
      Type.Object({
        bitrate: Type.Number(),
        gop: Type.Number(),
        online: Type.Boolean(),
        fps: Type.Optional(Type.Number()),
      }),
    ),
    source: Type.Object({
      resolution: Type.Object({ width: Type.Number(), height: Type.Number() }),
      online: Type.Boolean(),
      desired_fps: Type.Number(),
      captured_fps: Type.Number(),
    }),
    stream: Type.Object({
      queued_fps: Type.Number(),
      clients: Type.Number(),
      clients_stat: Type.Record(Type.String(), Type.Unknown()),
    }),
  }),
});

/** The `result`, with whatever else the version at hand adds. */
export type UstreamerState = Type.Static<typeof ReplySchema>["result"];

const check = Compile(ReplySchema);

/** The state of a successful reply; undefined for anything else. */
export function parseStateReply(text: string): UstreamerState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return check.Check(value) && value.ok ? value.result : undefined;
}
