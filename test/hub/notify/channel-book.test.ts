import { describe, expect, it } from "vitest";
import { ValidationError } from "../../../src/core/errors.ts";
import { ChannelBook } from "../../../src/hub/notify/channel-book.ts";
import type { ChannelBody, ChannelSettings } from "../../../src/protocol/fleet/channels.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { openTestStorage } from "../../support/hub-storage.ts";

const body = (settings: ChannelSettings): ChannelBody => ({
  name: "channel",
  isEnabled: true,
  leastSeverity: "info",
  settings,
});

const telegram = (part: object = {}): ChannelSettings => ({
  kind: "telegram",
  server: "",
  chatId: "1",
  topic: "",
  token: "secret",
  ...part,
});

async function bookOf() {
  const { tables } = await openTestStorage(fakeClock());
  return { book: new ChannelBook(tables), tables };
}

describe("the channels", () => {
  it("keep secrets that are left out of an edit, also over a restart", async () => {
    const { book, tables } = await bookOf();
    const { id } = await book.add(body(telegram()));
    await book.replace(id, body(telegram({ token: "", chatId: "2" })));
    const again = new ChannelBook(tables);
    await again.load();
    expect(again.byId(id)?.settings).toEqual(telegram({ chatId: "2" }));
    await again.replace(id, body(telegram({ token: "new" })));
    expect(again.byId(id)?.settings).toMatchObject({ token: "new" });
  });

  it("hand no secret to another server, nor to another kind", async () => {
    const { book } = await bookOf();
    const { id } = await book.add(body(telegram()));
    const elsewhere = body(telegram({ server: "https://evil.example", token: "" }));
    await expect(book.replace(id, elsewhere)).rejects.toThrow(ValidationError);
    await expect(book.replace(id, body({ kind: "serverchan" }))).rejects.toThrow(ValidationError);
    expect(book.byId(id)?.settings).toEqual(telegram());
    const hook = { kind: "webhook", method: "POST", contentType: "", body: "" } as const;
    const made = await book.add(body({ ...hook, url: "https://a.example/", headers: "X-Key: k" }));
    await book.replace(made.id, body({ ...hook, url: "https://evil.example/" }));
    expect(book.byId(made.id)?.settings).not.toHaveProperty("headers");
  });

  it("need what their kind needs", async () => {
    const { book } = await bookOf();
    await expect(book.add(body(telegram({ token: "" })))).rejects.toThrow(
      "settings.token is missing",
    );
    const server = telegram({ server: "ftp://x" });
    await expect(book.add(body(server))).rejects.toThrow("https://");
  });

  it("are 64 at most", async () => {
    const { book } = await bookOf();
    for (let number = 0; number < 64; number += 1) await book.add(body(telegram()));
    await expect(book.add(body(telegram()))).rejects.toThrow("64 channels already");
  });
});
