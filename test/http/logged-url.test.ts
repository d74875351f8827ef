import { describe, expect, it } from "vitest";
import { loggedUrl } from "../../src/http/logged-url.ts";

describe("the address of a request in the log", () => {
  it("shows no token, whatever its name and place", () => {
    expect(loggedUrl("/api/clients/report?token=abc")).toBe("/api/clients/report?token=***");
    expect(loggedUrl("/x?id=7&Authorization=abc%20d&name=a")).toBe(
      "/x?id=7&Authorization=***&name=a",
    );
    expect(loggedUrl("/x?code=abc#part")).toBe("/x?code=***#part");
  });

  it("is left as it is otherwise", () => {
    expect(loggedUrl("/api/ws?stream=0")).toBe("/api/ws?stream=0");
    expect(loggedUrl("/token=1")).toBe("/token=1");
    expect(loggedUrl("/x?mytoken=abc")).toBe("/x?mytoken=abc");
  });
});
