import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/cli/args.ts";
import { gadgetHelperCommand, parsePlaces } from "../../src/cli/gadget-helper.ts";
import { silentLogger } from "../../src/core/log.ts";

const PLACES = ["--socket", "/run/x.sock", "--storage", "/srv/images"];
const nothing = (): Promise<void> => Promise.resolve();

describe("farhand gadget-helper", () => {
  it("needs a socket and the storage that it may insert from, as absolute paths", () => {
    expect(parsePlaces(PLACES)).toEqual({ socket: "/run/x.sock", storage: "/srv/images" });
    for (const words of [
      [],
      PLACES.slice(0, 2),
      ["--socket", "relative", "--storage", "/srv"],
      ["--socket"],
      [...PLACES, "--run", "/bin/sh"],
      ["/run/x.sock", "/srv/images"],
    ]) {
      expect(() => parsePlaces(words)).toThrow(UsageError);
    }
  });

  it("serves until it is told to stop, then takes its socket away and leaves the gadget", async () => {
    const events: string[] = [];
    const control = { apply: nothing, insert: nothing, eject: nothing };
    let stop = (): void => undefined;
    const running = gadgetHelperCommand(PLACES, {
      log: silentLogger,
      control: (storage) => {
        events.push(`control of ${storage}`);
        return control;
      },
      start: (options) => {
        events.push(`listen on ${options.socket}`);
        expect(options.control).toBe(control);
        return Promise.resolve({
          close: () => {
            events.push("close");
            return Promise.resolve();
          },
        });
      },
      stopped: new Promise((resolve) => {
        stop = resolve;
      }),
    });
    await Promise.resolve();
    expect(events).toEqual(["control of /srv/images", "listen on /run/x.sock"]);
    stop();
    expect(await running).toBe(0);
    expect(events.at(-1)).toBe("close");
  });
});
