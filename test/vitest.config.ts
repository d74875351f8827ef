import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    restoreMocks: true,
    // They only end what hangs: the machine may be busy with more than this while whole daemons and browsers begin.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes from sockets and processes: on a busy machine a second is not enough.
    expect: { poll: { timeout: 15_000 } },
    // The poller of serialport belongs to the main thread of a process.
    pool: "forks",
  },
});
