import { describe, expect, it } from "vitest";
import { createOcr } from "../../../src/device/streamer/ocr.ts";
import { OcrError } from "../../../src/device/streamer/streamer-errors.ts";
import type { ProcessRunner } from "../../../src/platform/process/port.ts";
import { fakeFrame } from "../../support/fake-video.ts";
import { scriptedRunner, succeed } from "../../support/scripted-runner.ts";
import { streamerConfig, wordyPictures } from "../../support/streamer-fixture.ts";

const LIST = 'List of available languages in "/usr/share" (2):\nosd\neng\n';
const WHOLE = { left: -1, top: -1, right: -1, bottom: -1 };
const never = new AbortController().signal;

function tesseract(exitCode = 0): ProcessRunner {
  const runner = scriptedRunner({ tesseract: () => succeed(LIST) });
  return {
    ...runner,
    run: (command, args, options) =>
      args[0] === "--list-langs"
        ? runner.run(command, args, options)
        : Promise.resolve({
            exitCode,
            stdout: `${args.join(" ")} < ${Buffer.from(options?.input ?? "").toString()}`,
            stderr: "cannot read",
          }),
  };
}

function open(process: ProcessRunner, config = {}) {
  return createOcr({
    config: streamerConfig({ ocr: config }).ocr,
    process,
    pictures: wordyPictures,
  });
}

describe("text recognition", () => {
  it("offers the installed languages", async () => {
    const ocr = open(tesseract(), { languages: ["eng", "deu"] });
    const state = { enabled: true, defaultLanguages: ["eng"], languages: ["eng", "osd"] };
    expect(await ocr.look()).toEqual(state);
    expect(ocr.state.value).toEqual(state);
  });

  it.each([
    ["not installed", scriptedRunner(), {}],
    ["switched off", tesseract(), { enabled: false }],
  ])("is not there when it is %s", async (_, process, config) => {
    const ocr = open(process, config);
    expect(await ocr.look()).toMatchObject({ enabled: false, languages: [] });
    await expect(ocr.read(fakeFrame(), WHOLE, [], never)).rejects.toThrow(OcrError);
  });

  it("reads the whole picture in the default languages", async () => {
    expect(await open(tesseract()).read(fakeFrame(), WHOLE, [], never)).toBe(
      "stdin stdout -l eng < 0,0,640,480",
    );
  });

  it("reads a part of the picture in the given languages", async () => {
    const box = { left: 10, top: -1, right: 5000, bottom: 20 };
    expect(await open(tesseract()).read(fakeFrame(), box, ["osd", "eng"], never)).toBe(
      "stdin stdout -l osd+eng < 10,0,640,20",
    );
  });

  it("refuses a language that is not installed", async () => {
    await expect(open(tesseract()).read(fakeFrame(), WHOLE, ["xxx"], never)).rejects.toThrow(/xxx/);
  });

  it("tells why it failed", async () => {
    await expect(open(tesseract(1)).read(fakeFrame(), WHOLE, [], never)).rejects.toThrow(
      /cannot read/,
    );
  });
});
