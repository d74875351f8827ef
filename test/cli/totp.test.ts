import { describe, expect, it } from "vitest";
import { totpCommand } from "../../src/cli/totp.ts";
import { TOTP_SECRET } from "../support/auth-fixture.ts";
import { cliFixture } from "../support/cli-fixture.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async function totp(line: string, secret?: string) {
  const fixture = cliFixture({ files: secret === undefined ? {} : { [TOTP_SECRET]: secret } });
  const code = await totpCommand(line.split(" "), fixture.io);
  return { ...fixture, code };
}

describe("farhand totp", () => {
  it("makes a secret for its owner only and shows it as code, text and address", async () => {
    const { code, files, out } = await totp("init");
    const secret = files.content(TOTP_SECRET)?.trim() ?? "";
    expect(code).toBe(0);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(files.mode(TOTP_SECRET)).toBe(0o600);
    expect(out[0]).toMatch(/[\u2580\u2584\u2588]/);
    expect(out).toContain(`Secret: ${secret}`);
    expect(out).toContain(`otpauth://totp/Farhand:kvm?secret=${secret}&issuer=Farhand`);
  });

  it("does not replace a secret unless forced", async () => {
    const refused = await totp("init", SECRET);
    expect([refused.code, refused.files.content(TOTP_SECRET)]).toEqual([1, SECRET]);
    expect(refused.err[0]).toContain("There is a secret already");
    const forced = await totp("init --force", SECRET);
    expect(forced.code).toBe(0);
    expect(forced.files.content(TOTP_SECRET)).not.toContain(SECRET);
  });

  it("takes an empty file for none", async () => {
    expect((await totp("init", "\n")).code).toBe(0);
  });

  it("shows the secret again", async () => {
    const { code, out } = await totp("show", ` ${SECRET.toLowerCase()}\n`);
    expect([code, out[1]]).toEqual([0, `Secret: ${SECRET}`]);
  });

  it("says when there is nothing, or nothing usable, to show", async () => {
    expect((await totp("show")).err).toEqual(["TOTP is off: there is no secret"]);
    expect((await totp("show", "garbage!")).err[0]).toContain("holds no base32 secret");
  });

  it("switches off, also when it is off already", async () => {
    const { code, files } = await totp("off", SECRET);
    expect([code, files.content(TOTP_SECRET)]).toEqual([0, undefined]);
    expect((await totp("off")).code).toBe(0);
  });

  it.each(["", "help", "init now", "--force init"])("shows how to use it for: %s", async (line) => {
    const { code, err } = await totp(line);
    expect(code).toBe(64);
    expect(err[0]).toContain("Usage: farhand totp init");
  });
});
