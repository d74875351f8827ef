import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import type { GraphicsReading, SensorReading, TemperatureReading } from "./port.ts";

const HWMON = "/sys/class/hwmon";
const THERMAL = "/sys/class/thermal";
const DRM = "/sys/class/drm";
/** Modules are loaded later, devices plugged in: how long a list of sensors holds. */
const SEARCH_AGAIN_MS = 60_000;
const MAX_SENSORS = 64;
/** Sensors of this name measure nothing (Nezha 1.11). */
const MEANINGLESS: ReadonlySet<string> = new Set(["PMU tcal", "noname"]);
const HOTTEST = 200;

interface Sensor {
  readonly name: string;
  readonly path: string;
}

interface Folder {
  text(path: string): Promise<string>;
  number(path: string): Promise<number | null>;
  list(path: string): Promise<readonly string[]>;
}

function folderBelow(root: string): Folder {
  const text = async (path: string): Promise<string> =>
    (await readFile(join(root, path), "utf8").catch(() => "")).trim();
  return {
    text,
    async number(path) {
      const content = await text(path);
      const value = Number(content);
      return content !== "" && Number.isFinite(value) ? value : null;
    },
    async list(path) {
      const names = await readdir(join(root, path)).catch((): string[] => []);
      return names.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    },
  };
}

async function chipSensors(folder: Folder, chip: string): Promise<readonly Sensor[]> {
  const found: Sensor[] = [];
  const name = await folder.text(`${chip}/name`);
  // Old drivers keep their files one level down.
  for (const place of [chip, `${chip}/device`]) {
    const inputs = (await folder.list(place)).filter((file) => /^temp\d+_input$/.test(file));
    for (const input of inputs) {
      const label = await folder.text(`${place}/${input.replace("_input", "_label")}`);
      if (MEANINGLESS.has(name) || MEANINGLESS.has(label)) continue;
      const suffix = label.toLowerCase().replaceAll(" ", "_");
      found.push({
        name: suffix === "" ? name : `${name}_${suffix}`,
        path: `${place}/${input}`,
      });
    }
    if (inputs.length > 0) break;
  }
  return found;
}

async function findSensors(folder: Folder): Promise<readonly Sensor[]> {
  const chips = await folder.list(HWMON);
  const lists = await Promise.all(chips.map((chip) => chipSensors(folder, `${HWMON}/${chip}`)));
  const sensors = lists.flat();
  if (sensors.length > 0) return sensors.slice(0, MAX_SENSORS);
  const zones = (await folder.list(THERMAL)).filter((name) => name.startsWith("thermal_zone"));
  const named = zones.map(async (zone) => ({
    name: await folder.text(`${THERMAL}/${zone}/type`),
    path: `${THERMAL}/${zone}/temp`,
  }));
  return (await Promise.all(named)).slice(0, MAX_SENSORS);
}

async function readSensor(folder: Folder, sensor: Sensor): Promise<TemperatureReading | undefined> {
  const thousandths = await folder.number(sensor.path);
  const celsius = (thousandths ?? 0) / 1000;
  return celsius > 0 && celsius < HOTTEST ? { name: sensor.name, celsius } : undefined;
}

/** Cards of which the kernel tells how busy they are. */
async function findCards(folder: Folder): Promise<readonly string[]> {
  const names = (await folder.list(DRM)).filter((name) => /^card\d+$/.test(name));
  const busy = await Promise.all(
    names.map((name) => folder.number(`${DRM}/${name}/device/gpu_busy_percent`)),
  );
  return names.filter((_, index) => busy[index] !== null);
}

async function readCard(folder: Folder, card: string): Promise<GraphicsReading> {
  const device = `${DRM}/${card}/device`;
  const [chip] = await folder.list(`${device}/hwmon`);
  const [product, utilization, total, used, thousandths] = await Promise.all([
    folder.text(`${device}/product_name`),
    folder.number(`${device}/gpu_busy_percent`),
    folder.number(`${device}/mem_info_vram_total`),
    folder.number(`${device}/mem_info_vram_used`),
    chip === undefined ? null : folder.number(`${device}/hwmon/${chip}/temp1_input`),
  ]);
  return {
    name: product || `AMD graphics ${card.slice("card".length)}`,
    utilizationPercent: utilization,
    memoryTotalBytes: total,
    memoryUsedBytes: used,
    celsius: thousandths === null ? null : thousandths / 1000,
  };
}

/** Reads temperatures and graphics devices without holding up the process: some drivers take long to answer. */
export function createSensorReader(root: string, clock: Clock): () => Promise<SensorReading> {
  const folder = folderBelow(root);
  let sensors: readonly Sensor[] = [];
  let cards: readonly string[] = [];
  let searchAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock.monotonic() >= searchAt) {
      searchAt = clock.monotonic() + SEARCH_AGAIN_MS;
      [sensors, cards] = await Promise.all([findSensors(folder), findCards(folder)]);
    }
    const readings = await Promise.all(sensors.map((sensor) => readSensor(folder, sensor)));
    const graphics = await Promise.all(cards.map((card) => readCard(folder, card)));
    const temperatures = readings.filter((reading) => reading !== undefined);
    return {
      temperatures: temperatures.sort((a, b) => a.name.localeCompare(b.name, "en")),
      graphics,
    };
  };
}
