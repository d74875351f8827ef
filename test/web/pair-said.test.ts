import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pageIn } from "../../src/web/views/settings/pair-said.ts";
import { REPOSITORY } from "../support/source-tree.ts";

describe("what the pairing command says on success", () => {
  it("has the address at which the machine is shown", () => {
    const command = readFileSync(join(REPOSITORY, "src/cli/pair-agent.ts"), "utf8");
    const [, line = ""] = /`(This machine is shown at \$\{page\})`/.exec(command) ?? [];
    const said = line.replace("${page}", "https://hub.example/instance/7");
    expect(pageIn(`Paired\n${said}\nThe daemon takes it over`)).toBe(
      "https://hub.example/instance/7",
    );
  });

  it("may have none", () => {
    expect(pageIn("Paired with a server\nThe daemon takes it over")).toBeUndefined();
  });
});
