import type { FanReading } from "./port.ts";
import type { FileTree } from "./tree.ts";

const THERMAL = "/sys/class/thermal";
const HWMON = "/sys/class/hwmon";

/** Types of thermal zones that measure the processor, best first. */
const CPU_ZONES = [
  "cpu-thermal",
  "cpu_thermal",
  "soc-thermal",
  "soc_thermal",
  "cpu",
  "x86_pkg_temp",
];

/** Names of hwmon chips that measure the processor, for machines without thermal zones. */
const CPU_CHIPS: ReadonlySet<string> = new Set(["cpu_thermal", "coretemp", "k10temp", "zenpower"]);

function chipsByName(
  tree: FileTree,
): readonly { readonly folder: string; readonly name: string }[] {
  return tree
    .list(HWMON)
    .map((entry) => `${HWMON}/${entry}`)
    .map((folder) => ({ folder, name: tree.text(`${folder}/name`) ?? "" }));
}

function zoneRank(type: string): number {
  const rank = CPU_ZONES.indexOf(type);
  if (rank !== -1) return rank;
  if (type.includes("cpu")) return CPU_ZONES.length;
  return type.includes("soc") ? CPU_ZONES.length + 1 : CPU_ZONES.length + 2;
}

/** Path of the file with the processor's temperature in thousandths of a degree, undefined without a sensor. */
export function findTemperatureFile(tree: FileTree): string | undefined {
  const zones = tree
    .list(THERMAL)
    .filter((entry) => entry.startsWith("thermal_zone"))
    .map((entry) => `${THERMAL}/${entry}`)
    .filter((folder) => tree.number(`${folder}/temp`) !== undefined)
    .map((folder) => ({ folder, rank: zoneRank(tree.text(`${folder}/type`) ?? "") }))
    .sort((a, b) => a.rank - b.rank);
  const zone = zones[0]?.folder;
  if (zone !== undefined) return `${zone}/temp`;
  const chip = chipsByName(tree).find(({ name }) => CPU_CHIPS.has(name));
  return chip === undefined ? undefined : `${chip.folder}/temp1_input`;
}

/** Outside of these a sensor is not connected or not ready. */
const COLDEST = -60;
const HOTTEST = 200;

/** Degrees Celsius. */
export function readTemperature(tree: FileTree, path: string): number | null {
  const value = tree.number(path);
  if (value === undefined) return null;
  const degrees = value / 1000;
  return degrees >= COLDEST && degrees <= HOTTEST ? degrees : null;
}

/** Folder of the first fan with a controllable speed; a board's own fan goes before those of a mainboard. */
export function findFan(tree: FileTree): string | undefined {
  const fans = chipsByName(tree).filter(
    ({ folder }) => tree.number(`${folder}/pwm1`) !== undefined,
  );
  return (fans.find(({ name }) => name === "pwmfan") ?? fans[0])?.folder;
}

const FULL_PWM = 255;

export function readFan(tree: FileTree, folder: string): FanReading | null {
  const pwm = tree.number(`${folder}/pwm1`);
  if (pwm === undefined) return null;
  const rpm = tree.number(`${folder}/fan1_input`) ?? null;
  return {
    speedPercent: Math.round((pwm * 1000) / FULL_PWM) / 10,
    pwm,
    rpm,
    ok: rpm === null || pwm === 0 || rpm > 0,
  };
}

/** The kernel's undervoltage alarm of a Raspberry Pi, undefined on other boards. */
export function findUndervoltageAlarm(tree: FileTree): string | undefined {
  const chip = chipsByName(tree).find(({ name }) => name === "rpi_volt");
  return chip === undefined ? undefined : `${chip.folder}/in0_lcrit_alarm`;
}
