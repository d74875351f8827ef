/** Which preset fits a board; see the table of boards in `config/boards.ts`. */

interface BoardMark {
  readonly preset: string;
  /** An entry of the device tree's `compatible` that only this family has. */
  readonly compatible: readonly string[];
  /** What the model text begins with, for kernels without a device tree. */
  readonly model: RegExp;
}

// Order matters: the Zero 2 W has the processor of the Pi 3, and later Pi 2 boards have it too.
const MARKS: readonly BoardMark[] = [
  { preset: "onecloud", compatible: ["xunlei,onecloud"], model: /^Xunlei OneCloud/i },
  {
    preset: "rpi-zero2",
    compatible: ["raspberrypi,model-zero-2-w", "raspberrypi,model-zero-2"],
    model: /^Raspberry Pi Zero 2/,
  },
  {
    preset: "rpi2",
    compatible: ["raspberrypi,2-model-b", "raspberrypi,2-model-b-rev2", "brcm,bcm2836"],
    model: /^Raspberry Pi 2/,
  },
  {
    preset: "rpi3",
    compatible: ["brcm,bcm2837"],
    model: /^Raspberry Pi (?:3|Compute Module 3)/,
  },
  {
    preset: "rpi4",
    compatible: ["brcm,bcm2711"],
    model: /^Raspberry Pi (?:4|Compute Module 4)/,
  },
  {
    preset: "rpi5",
    compatible: ["brcm,bcm2712"],
    model: /^Raspberry Pi (?:5|Compute Module 5)/,
  },
];

/** Preset id, `generic` for a board that nothing here describes. */
export function recognizeBoard(model: string | null, compatible: readonly string[]): string {
  const mark =
    MARKS.find((candidate) => candidate.compatible.some((name) => compatible.includes(name))) ??
    MARKS.find((candidate) => model !== null && candidate.model.test(model));
  return mark?.preset ?? "generic";
}
