import Type from "typebox";
import { Flag, Seconds, Section, Text, Word } from "./common.ts";

const Whole = (value: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: value, minimum, maximum, description });

const H264Section = Section(
  {
    encoder: Word(["auto", "sink", "ffmpeg", "off"], {
      default: "auto",
      description:
        "Who makes H.264: sink = ustreamer's own, ffmpeg = that program; auto = the first of them that works here.",
    }),
    ffmpeg: Text("ffmpeg", "Name or path of ffmpeg."),
    bitrate: Section(
      {
        default: Whole(5000, 0, 20_000, "0 switches the setting, and H.264, off."),
        min: Whole(25, 25, 20_000, "Smallest that clients may set."),
        max: Whole(20_000, 25, 20_000, "Largest that clients may set."),
      },
      "Kilobits per second.",
    ),
    gop: Section(
      {
        default: Whole(30, 0, 60, "At start."),
        min: Whole(0, 0, 60, "Smallest that clients may set."),
        max: Whole(60, 0, 60, "Largest that clients may set."),
      },
      "Frames from one key frame to the next.",
    ),
  },
  "H.264 for thin links.",
);

const SnapshotSection = Section(
  {
    timeoutSeconds: Seconds(5, "How long a snapshot may wait for the picture.", 0.5),
  },
  "Single pictures.",
);

const OcrSection = Section(
  {
    enabled: Flag(true, "Reads text from snapshots, when tesseract is installed."),
    command: Text("tesseract", "Name or path of tesseract."),
    languages: Type.Array(Type.String({ pattern: "^[A-Za-z0-9_]+(?:/[A-Za-z0-9_]+)?$" }), {
      default: ["eng"],
      minItems: 1,
      description: "Languages when the request names none.",
    }),
  },
  "Text recognition.",
);

export const StreamerSection = Section(
  {
    enabled: Flag(true, "Captures the computer's picture."),
    command: Text("ustreamer", "Name or path of the capture program."),
    device: Text("auto", "Capture device; auto = /dev/kvmd-video, else the first that is found."),
    format: Word(["auto", "yuyv", "uyvy", "rgb565", "rgb24", "mjpeg", "jpeg"], {
      default: "auto",
      description: "Pixel format; auto = mjpeg for USB sticks, uyvy for CSI bridges.",
    }),
    encoder: Word(["auto", "cpu", "hw", "m2m-image", "m2m-video"], {
      default: "auto",
      description:
        "Who makes JPEG; auto = the stick itself, or the board's encoder where ustreamer knows it.",
    }),
    dvTimings: Type.Union([Type.Literal("auto"), Type.Boolean()], {
      default: "auto",
      description: "Follows the computer's resolution; auto = for CSI bridges.",
    }),
    quality: Whole(80, 0, 100, "JPEG quality; 0 leaves it to the device and switches it off."),
    resolution: Section(
      {
        default: Type.String({
          default: "",
          pattern: "^(?:[1-9]\\d{0,4}x[1-9]\\d{0,4})?$",
          description: "WIDTHxHEIGHT at start; empty = the device's own.",
        }),
        available: Type.Array(Type.String({ pattern: "^[1-9]\\d{0,4}x[1-9]\\d{0,4}$" }), {
          default: [],
          description: "What clients may choose from; empty = the resolution cannot be set.",
        }),
      },
      "Size of the picture, for devices that do not follow the computer.",
    ),
    desiredFps: Section(
      {
        default: Whole(30, 0, 120, "At start; 0 = as many as there are."),
        min: Whole(0, 0, 120, "Smallest that clients may set."),
        max: Whole(90, 0, 120, "Largest that clients may set."),
      },
      "Pictures per second.",
    ),
    dropSameFrames: Whole(30, 0, 1000, "Identical pictures that are not sent in a row; 0 = none."),
    slowdown: Flag(false, "Captures once a second while nobody looks."),
    forever: Flag(false, "Captures from start to end, whether anybody looks or not."),
    shutdownDelaySeconds: Seconds(10, "How long capturing goes on after the last viewer."),
    resetDelaySeconds: Seconds(1, "Rest before changed settings are applied."),
    pollSeconds: Seconds(1, "How often the capture program is asked for its state.", 0.1),
    extraArguments: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: "More arguments for the capture program, as they are.",
    }),
    h264: H264Section,
    snapshot: SnapshotSection,
    ocr: OcrSection,
  },
  "The picture of the controlled computer.",
);
