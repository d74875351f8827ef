import { NotCarried, textsOf } from "./values.ts";

/** Options of ustreamer that are settings here; their values are spelled in lower case. */
const SETTINGS: Readonly<Record<string, string>> = {
  "--device": "device.streamer.device",
  "-d": "device.streamer.device",
  "--format": "device.streamer.format",
  "-m": "device.streamer.format",
  "--encoder": "device.streamer.encoder",
  "-c": "device.streamer.encoder",
};
const DV_TIMINGS = new Set(["--dv-timings", "-T"]);

function settingOf(option: string, value: string | undefined): [string, unknown] | undefined {
  if (DV_TIMINGS.has(option)) return ["device.streamer.dvTimings", true];
  const target = SETTINGS[option];
  if (target === undefined || value === undefined) return undefined;
  return [target, target.endsWith(".device") ? value : value.toLowerCase()];
}

/** What a complete ustreamer command says about the capture hardware; everything else is decided here. */
export function streamerCommand(value: unknown): readonly (readonly [string, unknown])[] {
  const [program = "", ...words] = textsOf(value);
  if (!program.endsWith("ustreamer")) {
    throw new NotCarried(`'${program}' is not ustreamer; device.streamer.command names a program`);
  }
  return words.flatMap((word, index) => {
    const [option = "", ...rest] = word.split("=");
    const inline = rest.length === 0 ? words[index + 1] : rest.join("=");
    const setting = settingOf(option, inline);
    return setting === undefined ? [] : [setting];
  });
}
