import { get } from "node:http";
import { onTestFinished } from "vitest";
import { createStore } from "../../src/core/store.ts";
import type { Store } from "../../src/core/store.ts";

/** How many pictures one connection has been sent so far; it stays open until the test ends. */
export function countPictures(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Store<number>> {
  const count = createStore(0);
  return new Promise((resolve, reject) => {
    const request = get(`${url}/streamer/stream`, { headers }, (response) => {
      response.on("data", (bytes: Buffer) => {
        const found = bytes.toString("latin1").split("Content-Type: image/jpeg").length - 1;
        count.set(count.value + found);
      });
      response.on("error", () => undefined);
      resolve(count);
    });
    request.on("error", reject);
    onTestFinished(() => void request.destroy());
  });
}
