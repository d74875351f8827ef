/** What an installed ustreamer can do, from what it prints about itself (hardware facts 6.3, PiKVM API 9.5). */
export interface UstreamerAbilities {
  readonly version: string;
  /** Long option names without dashes. */
  readonly options: ReadonlySet<string>;
  /** As `--features` prints them. */
  readonly features: Readonly<Record<string, boolean>>;
  /** Encoder names of `--help`, in upper case. */
  readonly encoders: ReadonlySet<string>;
}

/** Options as they are wanted; what the program does not know is left out. */
export interface UstreamerSettings {
  readonly socketPath: string;
  readonly device: string;
  /** Empty: the program's own choice. */
  readonly format: string;
  readonly encoder: string;
  readonly resolution: string;
  readonly useDvTimings: boolean;
  /** 0 leaves it to the program. */
  readonly quality: number;
  readonly desiredFps: number;
  readonly dropSameFrames: number;
  readonly slowdown: boolean;
  /** Undefined: no H.264. */
  readonly h264:
    | { readonly sink: string; readonly bitrateKbps: number; readonly gop: number }
    | undefined;
  /** Given to the program as they are. */
  readonly extraArguments: readonly string[];
}

const OPTION = /^\s+(?:-\w\|)?--([a-z0-9][a-z0-9-]*)/;
const ENCODER = /^\s+\*\s+([A-Z0-9][A-Z0-9-]*)\s/;
const FEATURE = /^([+-])\s+(\w+)\s*$/;

/** Reads `--version`, `--help` and `--features`. */
export function parseAbilities(texts: {
  readonly version: string;
  readonly help: string;
  readonly features: string;
}): UstreamerAbilities {
  const options = new Set<string>();
  const encoders = new Set<string>();
  for (const line of texts.help.split("\n")) {
    const option = OPTION.exec(line)?.[1];
    if (option !== undefined) options.add(option);
    const encoder = ENCODER.exec(line)?.[1];
    if (encoder !== undefined) encoders.add(encoder);
  }
  const features: Record<string, boolean> = {};
  for (const line of texts.features.split("\n")) {
    const [, sign, name] = FEATURE.exec(line) ?? [];
    if (name !== undefined) features[name] = sign === "+";
  }
  return { version: texts.version.trim().split("\n")[0] ?? "", options, features, encoders };
}

type Wanted = readonly (readonly [name: string, value?: string])[];

function wantedOf(settings: UstreamerSettings, { encoders }: UstreamerAbilities): Wanted {
  const when = (isWanted: boolean, name: string, value?: string): Wanted =>
    isWanted ? [value === undefined ? [name] : [name, value]] : [];
  const { h264, encoder } = settings;
  return [
    ["device", settings.device],
    ["persistent"],
    ...when(settings.useDvTimings, "dv-timings"),
    ...when(settings.format !== "", "format", settings.format),
    ...when(encoder !== "" && encoders.has(encoder.toUpperCase()), "encoder", encoder),
    ...when(settings.resolution !== "", "resolution", settings.resolution),
    ...when(settings.quality > 0, "quality", String(settings.quality)),
    ...when(settings.desiredFps > 0, "desired-fps", String(settings.desiredFps)),
    ...when(settings.dropSameFrames > 0, "drop-same-frames", String(settings.dropSameFrames)),
    ...when(settings.slowdown, "slowdown"),
    ["unix", settings.socketPath],
    ["unix-rm"],
    ["unix-mode", "0600"],
    ["exit-on-parent-death"],
    ["no-log-colors"],
    ...(h264 === undefined
      ? []
      : ([
          ["h264-sink", h264.sink],
          ["h264-sink-mode", "0600"],
          ["h264-sink-rm"],
          ["h264-bitrate", String(h264.bitrateKbps)],
          ["h264-gop", String(h264.gop)],
        ] as const)),
  ];
}

/** The command line: only what the program knows, because one unknown option ends it. */
export function ustreamerArguments(
  settings: UstreamerSettings,
  abilities: UstreamerAbilities,
): readonly string[] {
  const known = wantedOf(settings, abilities).filter(([name]) => abilities.options.has(name));
  const args = known.map(([name, value]) =>
    value === undefined ? `--${name}` : `--${name}=${value}`,
  );
  return [...args, ...settings.extraArguments];
}
