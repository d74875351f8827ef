// Settings of the boards' own firmware.

export const BOARDS = ["rpi", "onecloud", "generic"];

const BEGIN = "# Farhand: begin";
const END = "# Farhand: end";

const PERIPHERAL = "dtoverlay=dwc2,dr_mode=peripheral";
/**
 * The UART is for a CH9329; memory for the video encoder. Boards with a USB port of their own are keyboard, mouse and disk
 * by it. Not the models 2 and 3: there it is the only one, with the network and the capture stick behind it.
 */
const RPI_SETTINGS = [
  "[all]",
  "enable_uart=1",
  "dtoverlay=disable-bt",
  "gpu_mem_512=64",
  "gpu_mem_1024=128",
  ...["[pi0]", "[pi4]", "[pi5]"].flatMap((models) => [models, PERIPHERAL]),
  "[all]",
];
/** What gives that port to the host, for every model or for one in a section of its own. */
const OPPOSITE = /^\s*(dtoverlay=dwc2\b|otg_mode=1\b)/;

/** With our part at its end, once. @param {string} text config.txt of a Raspberry Pi */
export function rpiConfig(text) {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  const own = begin >= 0 && end > begin ? text.slice(begin, end + END.length) : "";
  // A setting of the base that says the opposite may be in the section of one model.
  const others = text
    .replace(own, "")
    .split("\n")
    .map((line) => (OPPOSITE.test(line) ? `#${line}` : line))
    .join("\n")
    .trimEnd();
  return `${[others, "", BEGIN, ...RPI_SETTINGS, END].join("\n").trimStart()}\n`;
}

/** What the base would do at its first start to a root partition that is the last one. */
const GROWS = /^(init=.*|resize)$/;

/**
 * Without the console on the UART, which belongs to the CH9329.
 * @param {string} text cmdline.txt
 * @param {boolean} [isReadOnly] another partition comes after the root, which stays as it is
 */
export function rpiCommandLine(text, isReadOnly = false) {
  const words = text.trim().split(/\s+/);
  const kept = words.filter(
    (word) =>
      !/^console=(serial0|ttyAMA0|ttyS[01])\b/.test(word) && !(isReadOnly && GROWS.test(word)),
  );
  const screen = kept.some((word) => word.startsWith("console=tty")) ? [] : ["console=tty1"];
  return `${[...screen, ...kept].join(" ")}\n`;
}

/** The port of a OneCloud that can be either is a host's by default; as a device's it is keyboard, mouse and disk. */
export const ONECLOUD_RULE = `# Farhand: the USB port that can be a device is one.
SUBSYSTEM=="usb_role", ACTION=="add", KERNEL=="c9040000.usb*", ATTR{role}="device"
`;
