// The settings page: what it changes is in the file that the service reads, which stays for nobody else's eyes.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { call, OWNER } from "../guest/api.ts";
import type { Scenario } from "../guest/scenario.ts";

const FILE = "/etc/farhand/farhand.yaml";

export const settings: Scenario = {
  name: "settings",
  async run({ check }) {
    const before = readFileSync(FILE, "utf8");
    const { status, text } = await call("PATCH", "/native/settings", {
      headers: { ...OWNER, "content-type": "application/json" },
      body: JSON.stringify({ changes: { "log.level": "debug" } }),
    });
    check("the page may change a setting", status === 200, text);
    check("it is in the file", readFileSync(FILE, "utf8").includes("debug"));
    const { mode } = statSync(FILE);
    check("which others cannot read", (mode & 0o007) === 0, mode.toString(8));
    writeFileSync(FILE, before);
  },
};
