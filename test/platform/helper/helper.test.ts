import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { ConfigfsControl } from "../../../src/platform/gadget/control.ts";
import type { GadgetControl } from "../../../src/platform/gadget/control.ts";
import { createHelperClient } from "../../../src/platform/helper/client.ts";
import { parseRequest } from "../../../src/platform/helper/protocol.ts";
import { startHelperServer } from "../../../src/platform/helper/server.ts";
import { gadgetControlContract } from "../../contract/gadget.ts";
import { WHOLE_GADGET } from "../../support/gadget-description.ts";
import { tempDir } from "../../support/temp-dir.ts";

async function helperFor(control: GadgetControl): Promise<{ socket: string }> {
  const socket = join(tempDir(), "helper.sock");
  const server = await startHelperServer({ socket, control, log: silentLogger });
  onTestFinished(() => server.close());
  return { socket };
}

gadgetControlContract("the helper and its client", async ({ kernel, storage }) => {
  const control = new ConfigfsControl({
    files: kernel.files,
    root: kernel.paths.gadget,
    clock: systemClock,
    storageRoot: storage,
  });
  const { socket } = await helperFor(control);
  return createHelperClient({ socket, clock: systemClock });
});

/** Counts what reaches the kernel's side. */
function recordingControl(): GadgetControl & { readonly calls: string[] } {
  const calls: string[] = [];
  const note = (call: string) => (): Promise<void> => {
    calls.push(call);
    return Promise.resolve();
  };
  return { calls, apply: note("apply"), insert: note("insert"), eject: note("eject") };
}

/** Everything the helper answers to some bytes until it hangs up or answers a line. */
function say(socket: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const connection = connect(socket);
    connection.setEncoding("utf8");
    connection.on("data", (data: string) => {
      answer += data;
      connection.end();
    });
    connection.on("error", () => undefined);
    connection.once("close", () => {
      resolve(answer);
    });
    connection.write(text);
  });
}

describe("the helper", () => {
  it("lets only owner and group connect", async () => {
    const { socket } = await helperFor(recordingControl());
    expect(statSync(socket).mode & 0o777).toBe(0o660);
  });

  it("refuses everything that is not in its vocabulary", async () => {
    const control = recordingControl();
    const { socket } = await helperFor(control);
    const medium = { path: "/images/a.iso", cdrom: true, rw: false };
    const refused = [
      "no json",
      "[]",
      JSON.stringify({ do: "run", command: "reboot" }),
      JSON.stringify({ do: "eject", path: "/etc/passwd" }),
      JSON.stringify({ do: "insert", medium: { ...medium, path: "relative" } }),
      JSON.stringify({ do: "insert", medium: { ...medium, path: "/a\n/b" } }),
      JSON.stringify({ do: "apply", description: WHOLE_GADGET, udc: "../../etc" }),
      JSON.stringify({ do: "apply", description: { ...WHOLE_GADGET, hid: ["acm"] }, udc: "udc0" }),
      JSON.stringify({ do: "apply", description: { ...WHOLE_GADGET, path: "/x" }, udc: "udc0" }),
    ];
    for (const line of refused) {
      const answer: unknown = JSON.parse(await say(socket, `${line}\n`));
      expect(answer).toMatchObject({ ok: false, code: "VALIDATION" });
    }
    expect(control.calls).toEqual([]);
  });

  it("drops a client that never ends its line", async () => {
    const { socket } = await helperFor(recordingControl());
    expect(await say(socket, "x".repeat(100_000))).toBe("");
  });

  it("does not go on for a client that asks without reading the answers", async () => {
    const control = recordingControl();
    const { socket } = await helperFor(control);
    const connection = connect(socket);
    connection.on("error", () => undefined);
    connection.pause();
    const request = `${JSON.stringify({ do: "eject" })}\n`;
    const count = 40_000;
    connection.write(request.repeat(count));
    await say(socket, request);
    let calls = -1;
    // Others are still answered; when nothing more is done for the first, it waits for its reader.
    while (control.calls.length > calls) {
      calls = control.calls.length;
      for (let turn = 0; turn < 20; turn += 1) await say(socket, "no request\n");
    }
    expect(control.calls.length).toBeLessThan(count / 2);
    connection.destroy();
  });

  it("takes the place of one that was killed, but not of one that lives", async () => {
    const socket = join(tempDir(), "helper.sock");
    writeFileSync(socket, "");
    const parts = { socket, control: recordingControl(), log: silentLogger };
    const first = await startHelperServer(parts);
    onTestFinished(() => first.close());
    await expect(startHelperServer(parts)).rejects.toMatchObject({ code: "STORAGE" });
  });

  it("answers requests of several clients one after the other", async () => {
    let running = 0;
    let most = 0;
    const slow = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      running -= 1;
    };
    const { socket } = await helperFor({ apply: slow, insert: slow, eject: slow });
    const client = createHelperClient({ socket, clock: systemClock });
    await Promise.all([client.eject(), client.eject(), client.eject()]);
    expect(most).toBe(1);
  });
});

describe("the helper's client", () => {
  it("says so when nobody listens", async () => {
    const socket = join(tempDir(), "nobody.sock");
    const client = createHelperClient({ socket, clock: systemClock });
    await expect(client.eject()).rejects.toMatchObject({
      code: "GADGET_OFFLINE",
      message: expect.stringContaining("cannot be reached"),
    });
  });

  it("says so when the helper fails in an unforeseen way", async () => {
    const broken = (): Promise<void> => Promise.reject(new Error("out of order"));
    const { socket } = await helperFor({ apply: broken, insert: broken, eject: broken });
    const client = createHelperClient({ socket, clock: systemClock });
    await expect(client.eject()).rejects.toMatchObject({
      code: "GADGET_OFFLINE",
      message: "out of order",
    });
  });
});

describe("parseRequest", () => {
  it("takes every request that the client sends", () => {
    mkdirSync(join(tempDir(), "x"));
    for (const request of [
      { do: "apply", description: WHOLE_GADGET, udc: "fe980000.usb" },
      { do: "insert", medium: { path: "/images/with space.iso", cdrom: true, rw: false } },
      { do: "eject" },
    ]) {
      expect(parseRequest(JSON.stringify(request))).toEqual(request);
    }
  });
});
