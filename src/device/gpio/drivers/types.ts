import type { DriverType } from "../driver.ts";
import { cmdDriver } from "./cmd.ts";
import { cmdretDriver } from "./cmdret.ts";
import { lineDriver } from "./line.ts";
import { locatorDriver } from "./locator.ts";
import { noopDriver } from "./noop.ts";
import { wolDriver } from "./wol.ts";

/** Every driver type by the name that the configuration uses. */
export const DRIVER_TYPES: ReadonlyMap<string, DriverType> = new Map([
  ["gpio", lineDriver],
  ["wol", wolDriver],
  ["cmd", cmdDriver],
  ["cmdret", cmdretDriver],
  ["locator", locatorDriver],
  ["noop", noopDriver],
]);
