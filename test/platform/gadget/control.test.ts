import { systemClock } from "../../../src/core/clock.ts";
import { ConfigfsControl } from "../../../src/platform/gadget/control.ts";
import { gadgetControlContract } from "../../contract/gadget.ts";

gadgetControlContract("ConfigfsControl", ({ kernel, storage }) =>
  Promise.resolve(
    new ConfigfsControl({
      files: kernel.files,
      root: kernel.paths.gadget,
      clock: systemClock,
      storageRoot: storage,
    }),
  ),
);
