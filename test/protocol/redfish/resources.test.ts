import { describe, expect, it } from "vitest";
import {
  mediaDocument,
  parseSystemId,
  systemDocument,
} from "../../../src/protocol/redfish/resources.ts";

const OFFLINE = { enabled: true, online: false, busy: false, drive: null };

describe("parseSystemId", () => {
  it.each([
    ["0", { port: undefined }],
    [" SwitchPort12 ", { port: 12 }],
    ["SwitchPort0", { port: 0 }],
  ])("knows %s", (text, id) => {
    expect(parseSystemId(text)).toEqual(id);
  });

  it.each(["", "00", "1", "bogus", "SwitchPort", "SwitchPort01", "SwitchPort-1", "switchport1"])(
    "refuses %s",
    (text) => {
      expect(parseSystemId(text)).toBeUndefined();
    },
  );
});

describe("systemDocument", () => {
  it("gives a host name only letters, digits, points and underscores", () => {
    const document = systemDocument({ id: { port: 1 }, hostName: "Mac OS #1.lan", isOn: true });
    expect(document).toMatchObject({
      Id: "SwitchPort1",
      HostName: "Mac_OS__1.lan",
      PowerState: "On",
    });
  });
});

describe("mediaDocument", () => {
  it("says nothing about a drive that is offline", () => {
    expect(mediaDocument(OFFLINE)).toMatchObject({
      Image: null,
      ImageName: null,
      ConnectedVia: null,
      Inserted: null,
      WriteProtected: null,
      Oem: { PiKVM: { MsdOnline: false, DriveOptical: null } },
    });
  });

  it("names the image with and without its folder, and protects what cannot be written", () => {
    const drive = { image: "linux/debian.iso", connected: true, cdrom: true, rw: false };
    expect(mediaDocument({ ...OFFLINE, online: true, drive })).toMatchObject({
      Image: "linux/debian.iso",
      ImageName: "debian.iso",
      ConnectedVia: "Oem",
      Inserted: true,
      WriteProtected: true,
    });
    const writable = { ...drive, cdrom: false, rw: true };
    expect(mediaDocument({ ...OFFLINE, online: true, drive: writable }).WriteProtected).toBe(false);
  });
});
