import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { OpenSysfsLine } from "../../src/platform/gpio/onoff-line.ts";
import { drive, fakeChip, levelOf, lineAt } from "./fake-gpio.ts";
import type { FakeChip, FakeLine } from "./fake-gpio.ts";

/** A `/sys/class/gpio` in a folder. `service` plays the kernel and udev: it answers what was written to `export`. */
export interface FakeSysfs {
  readonly root: string;
  readonly chip: FakeChip;
  /** What `onoff` does, on this folder. */
  readonly openLine: OpenSysfsLine;
  service(): void;
  isExported(line: number): boolean;
  /** Numbers that were given back by name. */
  readonly unexported: readonly number[];
}

export interface FakeSysfsOptions {
  readonly base: number;
  readonly lines?: number;
  readonly hasEdges?: boolean;
  /** Exporting is answered with a folder whose files do not appear. */
  readonly isDead?: boolean;
  /** The line ignores its direction. */
  readonly fixedDirection?: "in" | "out";
}

const text = (path: string): string => readFileSync(path, "utf8").trim();

export function fakeSysfs(folder: string, options: FakeSysfsOptions): FakeSysfs {
  const { base, lines = 32, hasEdges = true, isDead = false } = options;
  const root = join(folder, "class");
  const chipName = `gpiochip${base}`;
  const device = join(folder, "devices", "soc-gpio");
  mkdirSync(join(root, chipName), { recursive: true });
  mkdirSync(join(device, "gpiochip0"), { recursive: true });
  symlinkSync(device, join(root, chipName, "device"));
  writeFileSync(join(root, chipName, "base"), `${base}\n`);
  writeFileSync(join(root, chipName, "ngpio"), `${lines}\n`);
  writeFileSync(join(root, chipName, "label"), "pinctrl-test\n");
  writeFileSync(join(root, "export"), "");
  writeFileSync(join(root, "unexport"), "");
  const chip = fakeChip("gpiochip0", "pinctrl-test", lines);
  const folderOf = (number: number): string => join(root, `gpio${number}`);
  const refresh = (number: number, line: FakeLine): void => {
    writeFileSync(join(folderOf(number), "direction"), `${line.direction}\n`);
    writeFileSync(join(folderOf(number), "value"), levelOf(line) ? "1\n" : "0\n");
  };

  // Emptied only when something was there: the write may come between the two steps.
  const take = (file: string): string => {
    const written = text(join(root, file));
    if (written !== "") truncateSync(join(root, file));
    return written;
  };

  const unexported: number[] = [];

  return {
    root,
    chip,
    unexported,
    isExported: (line) => existsSync(folderOf(base + line)),
    service() {
      const dropped = take("unexport");
      if (dropped !== "") {
        unexported.push(Number(dropped));
        rmSync(folderOf(Number(dropped)), { recursive: true, force: true });
      }
      const wanted = take("export");
      if (wanted === "" || isDead) return;
      mkdirSync(folderOf(Number(wanted)));
      writeFileSync(join(folderOf(Number(wanted)), "active_low"), "0\n");
      if (hasEdges) writeFileSync(join(folderOf(Number(wanted)), "edge"), "none\n");
      refresh(Number(wanted), lineAt(chip, Number(wanted) - base));
    },
    openLine(number, direction, edge) {
      const path = folderOf(number);
      const line = lineAt(chip, number - base);
      writeFileSync(join(path, "active_low"), "0\n");
      if (options.fixedDirection !== undefined) line.direction = options.fixedDirection;
      else if (direction === "in") line.direction = "in";
      else drive(line, direction === "high");
      if (edge !== undefined) writeFileSync(join(path, "edge"), edge, { flag: "r+" });
      refresh(number, line);
      const watchers: (() => void)[] = [];
      return {
        readSync: () => (levelOf(line) ? 1 : 0),
        writeSync(level) {
          drive(line, level === 1);
          refresh(number, line);
        },
        watch(listener) {
          const notify = (): void => listener(null, levelOf(line) ? 1 : 0);
          watchers.push(notify);
          line.watchers.add(notify);
        },
        unexport() {
          for (const notify of watchers) line.watchers.delete(notify);
          rmSync(path, { recursive: true, force: true });
        },
      };
    },
  };
}
