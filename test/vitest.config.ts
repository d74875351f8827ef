import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    restoreMocks: true,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // What is waited for comes from sockets and processes: on a busy machine a second is not enough.
    expect: { poll: { timeout: 15_000 } },
    // The poller of serialport belongs to the main thread of a process.
    pool: "forks",
  },
});
