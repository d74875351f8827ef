import { describe, expect, it } from "vitest";
import { HostPresence } from "../../../src/device/hid/host-presence.ts";

describe("HostPresence", () => {
  it("follows polls, and asks for the held state when the computer comes back", () => {
    const host = new HostPresence(true);
    expect(host.takeStatus(false)).toBe(false);
    expect(host.hostReady).toBe(false);
    expect(host.takeStatus(true)).toBe(true);
    expect(host.isSuspended).toBe(false);
    expect(host.takeStatus(true)).toBe(false);
  });

  it("stays suspended until the held state was taken", () => {
    const host = new HostPresence(true);
    host.suspend();
    expect(host.takeStatus(false)).toBe(false);
    expect(host.takeStatus(true)).toBe(true);
    expect(host).toMatchObject({ isSuspended: true, isRestoring: true, hostReady: false });
    expect(host.finishRestore()).toBe(false);
    expect(host).toMatchObject({ isSuspended: false, isRestoring: false, hostReady: true });
  });

  it("offers a changed state once although the computer is not there", () => {
    const host = new HostPresence(false);
    host.suspend();
    host.markDirty();
    expect(host.takeStatus(false)).toBe(true);
    host.suspend();
    expect(host.takeStatus(false)).toBe(false);
  });

  it("tells a change during the restore", () => {
    const host = new HostPresence(null);
    host.suspend();
    host.takeStatus(null);
    host.markDirty();
    expect(host.finishRestore()).toBe(true);
  });

  it("does not count changes while nothing is suspended", () => {
    const host = new HostPresence(true);
    host.markDirty();
    host.suspend();
    expect(host.takeStatus(false)).toBe(false);
  });
});
