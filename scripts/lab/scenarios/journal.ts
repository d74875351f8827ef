// The log of the service comes out of journald, also while it is written.
import { call, openStream, readUntil } from "../guest/api.ts";
import { run } from "../guest/daemon.ts";
import type { Scenario } from "../guest/scenario.ts";

export const journal: Scenario = {
  name: "journal",
  async run({ check, measure }) {
    const { text } = await call("GET", "/api/log?seek=3600");
    check("what the service logged is there", text.includes("farhand.service"), text.slice(-300));

    const followed = readUntil(await openStream("/api/log?follow=1&seek=3600"), /nobody-we-know/);
    const askedAt = performance.now();
    await call("GET", "/api/auth/check", {
      headers: { "X-KVMD-User": "nobody-we-know", "X-KVMD-Passwd": "guess" },
    });
    await followed;
    measure("event to log", performance.now() - askedAt, "ms");
    check("what happens now comes on the open answer", true);
    const kept = await run("journalctl", "-u", "farhand.service", "-o", "cat", "--no-pager");
    check("journald itself has it", kept.includes("nobody-we-know"));
  },
};
