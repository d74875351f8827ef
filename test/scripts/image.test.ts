import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  archOf,
  checkFile,
  readerOf,
  readLayout,
  recognise,
  showBoot,
} from "../../scripts/image/base.mjs";
import { rpiCommandLine, rpiConfig } from "../../scripts/image/boards.mjs";
import { markOf, randomPassword } from "../../scripts/image/board/first-password.mjs";
import {
  networkdUnit,
  networkManagerFile,
  pairingWords,
  parseSettings,
  supplicantFile,
  withRadio,
} from "../../scripts/image/board/settings-file.mjs";
import { installFirstStart } from "../../scripts/image/customise.mjs";
import { imagerList, packagesIn, partsList } from "../../scripts/image/documents.mjs";
import { MountedRoot } from "../../scripts/image/mounted.mjs";
import { addDataPartition, readOnlyFstab } from "../../scripts/image/read-only.mjs";
import { demandOf, readFirstPassword } from "../../src/http/auth/first-password.ts";
import { MIB, diskImage } from "../support/disk-image.ts";
import { REPOSITORY } from "../support/source-tree.ts";
import { tempDir } from "../support/temp-dir.ts";

const hasDiskTools = ["sfdisk", "mkfs.ext4"].every((name) => existsSync(`/usr/sbin/${name}`));
const DPKG = "Package: dpkg\nStatus: install ok installed\nArchitecture: arm64\nVersion: 1.22\n";

function release(id: string, suite: string, name = "Debian"): string {
  return `PRETTY_NAME="${name}"\nID=${id}\nVERSION_CODENAME=${suite}\n`;
}

/** A system with these files. */
function system(files: Readonly<Record<string, string>>): (path: string) => string {
  const root = tempDir();
  for (const [path, text] of Object.entries({ "var/lib/dpkg/status": DPKG, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return readerOf(root);
}

describe("the settings file of an image", () => {
  it("is read with and without quotes, remarks, blank lines and Windows line ends", () => {
    const text =
      '\uFEFF# mine\r\nHOSTNAME=kvm # the name\r\n\r\nWIFI_ESSID=\'a "b\'\r\nWIFI_PASSWD="p\\"w# 1234"\r\n';
    expect(parseSettings(text)).toEqual({
      settings: { HOSTNAME: "kvm", WIFI_ESSID: 'a "b', WIFI_PASSWD: 'p"w# 1234' },
      problems: [],
    });
  });

  it("takes PiKVM's file", () => {
    const text = 'FIRST_BOOT=1\nWIFI_ESSID="net"\nWIFI_PASSWD="12345678"\nWIFI_REGDOM=DE\n';
    expect(parseSettings(text)).toEqual({
      settings: { WIFI_ESSID: "net", WIFI_PASSWD: "12345678", WIFI_REGDOM: "DE" },
      problems: [],
    });
  });

  it("tells what is wrong by line, without repeating secrets, and keeps the rest", () => {
    const { settings, problems } = parseSettings("PASSWORD=short\nHOSTNAME=kvm\nnonsense\nFOO=1\n");
    expect(settings).toEqual({ HOSTNAME: "kvm" });
    expect(problems).toEqual([
      "line 1: PASSWORD has a bad value",
      "line 3 is not NAME=VALUE",
      "line 4: FOO is not known",
    ]);
  });

  it("takes PiKVM's names for an address, of the network that the file is about", () => {
    const wireless = "WIFI_ESSID=net\nWIFI_ADDR=10.0.0.5/24\nWIFI_GW=10.0.0.1\nWIFI_DNS=1.1.1.1\n";
    const address = { ADDRESS: "10.0.0.5/24", GATEWAY: "10.0.0.1", DNS: "1.1.1.1" };
    expect(parseSettings(wireless).settings).toEqual({ WIFI_ESSID: "net", ...address });
    expect(parseSettings("ETH_DHCP=1\nETH_ADDR=10.0.0.5/24\n")).toEqual({
      settings: { ADDRESS: "10.0.0.5/24" },
      problems: [],
    });
    const { settings, problems } = parseSettings(`${wireless}ETH_ADDR=10.9.9.9/24\n`);
    expect(settings["ADDRESS"]).toBe("10.0.0.5/24");
    expect(problems).toEqual(["line 5: ETH_ADDR is of the other network and left out"]);
  });

  it.each([
    // An open network of that name would be joined.
    "WIFI_ESSID=net\nWIFI_PASSWD=short\n",
    "WIFI_ESSID=net\nWIFI_PASSWD=12345678\nADDRESS=10.0.0.300/24\n",
    "ADDRESS=10.0.0.5/33\n",
    "ADDRESS=10.0.0.5/24\nGATEWAY=10.0.0\n",
    "ADDRESS=10.0.0.5/24\nGATEWAY=fd00::1\n",
    "ADDRESS=10.0.0.5/24\nGATEWAY=10.0.0.1\nDNS=1.1.1.1 dns\n",
    "CHANGE_PASSWORD=0\nPASSWORD=short\n",
    "PAIR_ADDRESS=https://hub.example\nPAIR_KOMARI_KEY=a b\n",
    // Thirty-three bytes; and what Windows writes in a Chinese code page.
    `WIFI_ESSID=${"网".repeat(11)}\nWIFI_PASSWD=12345678\n`,
    "WIFI_ESSID=\uFFFD\uFFFD\nWIFI_PASSWD=12345678\n",
  ])("does not do half of what belongs together: %j", (text) => {
    const { settings, problems } = parseSettings(`HOSTNAME=kvm\n${text}`);
    expect(settings).toEqual({ HOSTNAME: "kvm" });
    expect(problems).not.toEqual([]);
  });

  it("says what was left out with a bad line", () => {
    expect(parseSettings("WIFI_ESSID=net\nWIFI_PASSWD=short\nDNS=1.1.1.1\n").problems).toEqual([
      "line 2: WIFI_PASSWD has a bad value",
      "so left out as well: WIFI_ESSID, DNS",
    ]);
  });

  it("has a Chinese Wi-Fi, a key in digits, and remarks behind quotes", () => {
    const key = "0123456789abcdef".repeat(4);
    const text = `WIFI_ESSID="我家的网络" # 2.4 GHz\rWIFI_PASSWD='${key}' # long\rWIFI_WPA23=1\r`;
    const { settings, problems } = parseSettings(text);
    expect(problems).toEqual([]);
    const bytes = [...Buffer.from("我家的网络")].map((byte) => `${byte};`).join("");
    expect(networkManagerFile(settings, "wifi")).toContain(`\nssid=${bytes}\n`);
    expect(networkManagerFile({ WIFI_ESSID: "12;34" }, "wifi")).toContain("ssid=49;50;59;51;52;\n");
    expect(networkManagerFile({ WIFI_ESSID: "Home_5G" }, "wifi")).toContain("ssid=Home_5G\n");
    const file = supplicantFile(settings);
    expect(file).toContain(`\tssid=${Buffer.from("我家的网络").toString("hex")}\n`);
    expect(file).toContain(
      `\tkey_mgmt=SAE WPA-PSK-SHA256 WPA-PSK\n\tieee80211w=1\n\tpsk=${key}\n}`,
    );
  });

  it("switches on the Wi-Fi that Raspberry Pi OS comes without", () => {
    expect(withRadio("[main]\nWirelessEnabled=false\n")).toBe("[main]\nWirelessEnabled=true\n");
    expect(withRadio("")).toBe("");
  });

  it.each([
    ["WIFI_PASSWD=12345678", "WIFI_PASSWD needs WIFI_ESSID"],
    ["GATEWAY=10.0.0.1", "GATEWAY needs ADDRESS"],
    ["CHANGE_PASSWORD=0", "CHANGE_PASSWORD needs PASSWORD"],
    ["PAIR_KOMARI_KEY=x", "PAIR_KOMARI_KEY needs PAIR_ADDRESS"],
  ])("says what belongs together: %s", (line, problem) => {
    expect(parseSettings(line).problems).toContain(problem);
  });

  it("never puts more than the asked-for lines into the files made of it", () => {
    const unit = fc.constantFrom("a", "1", "[", "\n", "\r", '"', "'", "\\", "#", " ", "=", "\0");
    const text = fc.string({ unit, maxLength: 30 });
    fc.assert(
      fc.property(text, text, (name, secret) => {
        const { settings } = parseSettings(`WIFI_ESSID=${name}\nWIFI_PASSWD=${secret}\n`);
        expect(supplicantFile(settings).split(/[\r\n]/).length).toBeLessThanOrEqual(5);
        const lines = networkManagerFile(settings, "wifi").split(/[\r\n]/);
        expect(lines.filter((line) => line.startsWith("[")).length).toBeLessThanOrEqual(5);
      }),
      { numRuns: 50 },
    );
  });

  it("becomes a fixed address for either network manager", () => {
    const { settings } = parseSettings(
      "ADDRESS=10.0.0.5/24\nGATEWAY=10.0.0.1\nDNS=10.0.0.1, fd00::1\n",
    );
    expect(networkdUnit(settings, "en*")).toContain(
      "[Network]\nAddress=10.0.0.5/24\nGateway=10.0.0.1\nDNS=10.0.0.1\nDNS=fd00::1\n",
    );
    const connection = networkManagerFile(settings, "ethernet");
    expect(connection).toContain(
      "[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.1\ndns=10.0.0.1;\n",
    );
    expect(connection).toContain("[ipv6]\nmethod=auto\ndns=fd00::1;\n");
  });

  it("becomes the words that pair the board", () => {
    const { settings } = parseSettings("PAIR_ADDRESS=https://hub.example\nPAIR_NEZHA_SECRET=abc\n");
    expect(pairingWords(settings)).toEqual(["https://hub.example", "--nezha-secret", "abc"]);
    expect(pairingWords({})).toEqual([]);
  });
});

describe("the first password", () => {
  it("is long, easy to read aloud and another one each time", () => {
    expect(randomPassword()).toMatch(/^([2-9a-z]{4}-){3}[2-9a-z]{4}$/);
    expect(randomPassword()).not.toBe(randomPassword());
  });

  it("is remembered by the stored hash only, and that it has to be changed", () => {
    const text = markOf("admin", "$2b$x");
    expect(text).toMatch(/^admin [0-9a-f]{64} change\n$/);
    expect(demandOf(readFirstPassword(text), "admin", "$2b$x")).toBe("change");
  });
});

describe("a base image", () => {
  it.each([
    [{ "etc/os-release": release("debian", "bookworm") }, "debian"],
    [
      { "usr/lib/os-release": release("debian", "trixie"), "etc/rpi-issue": "x" },
      "raspberry-pi-os",
    ],
  ])("is known: %o", (files, kind) => {
    expect(recognise(system(files), "rpi")).toMatchObject({ kind, arch: "arm64" });
  });

  it.each([
    [
      "rpi",
      { "etc/os-release": release("ubuntu", "noble", "Ubuntu 24.04") },
      /not known: Ubuntu 24\.04/,
    ],
    [
      "rpi",
      { "etc/os-release": release("debian", "bullseye", "Debian 11") },
      /release is not known: Debian 11/,
    ],
    ["rpi", {}, /does not say its name/],
    ["onecloud", { "etc/os-release": release("debian", "trixie") }, /needs an image of Armbian/],
    [
      "rpi",
      { "etc/os-release": release("debian", "trixie"), "etc/armbian-release": "BOARD=onecloud\n" },
      /take Raspberry Pi OS/,
    ],
  ])("is refused in words for %s: %o", (board, files, message) => {
    expect(() => recognise(system(files), board)).toThrow(message);
  });

  it("is refused when it is too small or not there", () => {
    const file = join(tempDir(), "small.img");
    writeFileSync(file, "");
    truncateSync(file, 1_000_000);
    expect(() => checkFile(file)).toThrow(/too small for a system image \(1000000 bytes\)/);
    expect(() => checkFile(`${file}.not`)).toThrow(/There is no file/);
  });

  it("says its architecture, foreign packages or not", () => {
    const foreign = "Package: libc6\nStatus: install ok installed\nArchitecture: armhf\n";
    expect(archOf(`${foreign}\n${DPKG}`)).toBe("arm64");
  });
});

describe.runIf(hasDiskTools)("the partitions of an image", () => {
  it.each(["dos", "gpt"] as const)("are found by their place on the disk: %s", (label) => {
    const { root, boot, data, last } = readLayout(diskImage(label));
    expect(root).toMatchObject({ number: label === "gpt" ? 1 : 2, offset: 20 * MIB });
    expect(boot).toMatchObject({ number: label === "gpt" ? 15 : 1, offset: 4 * MIB });
    expect(last.number).toBe(root.number);
    expect(data).toBeUndefined();
  });

  it("have the small one of Armbian, which other computers see from then on", () => {
    const image = diskImage("dos");
    execFileSync("sfdisk", ["-q", "--part-type", image, "1", "ea"]);
    expect(readLayout(image).boot).toBeUndefined();
    const file = openSync(image, "r+");
    writeSync(file, "FAT16   ", 4 * MIB + 54);
    closeSync(file);
    expect(readLayout(image).boot).toMatchObject({ number: 1, type: "ea" });
    showBoot(image);
    expect(readLayout(image).boot).toMatchObject({ number: 1, offset: 4 * MIB, type: "c" });
    expect(readLayout(image).root).toMatchObject({ number: 2, offset: 20 * MIB });
  });

  it("are not those of a package for Amlogic's burning tool", () => {
    const file = join(tempDir(), "onecloud.burn.img");
    writeFileSync(file, Buffer.from("0000000002000000", "hex"));
    appendFileSync(file, Buffer.from("5619b527", "hex"));
    truncateSync(file, MIB);
    expect(() => readLayout(file)).toThrow(/package for Amlogic's burning tool/);
    writeFileSync(file, "nothing");
    truncateSync(file, MIB);
    expect(() => readLayout(file)).toThrow(/has no partition table/);
  });

  it.each(["dos", "gpt"] as const)("get one for data behind them, once: %s", (label) => {
    const image = diskImage(label);
    addDataPartition(image);
    const { root, data, last } = readLayout(image);
    expect(root.offset).toBe(20 * MIB);
    expect(data).toEqual(last);
    expect(last.offset).toBeGreaterThanOrEqual(root.offset + root.size);
    expect(last.size).toBeGreaterThan(100 * MIB);
    const said = spawnSync("sfdisk", ["--verify", image], { encoding: "utf8" });
    expect(said.stdout).toMatch(/No errors detected/);
    expect(() => addDataPartition(image)).toThrow(/has Farhand's data partition already/);
  });
});

describe("a system that is only read", () => {
  it("mounts its root so, whatever the base has said, and has no swap", () => {
    const text =
      "# <device> <folder>\n" +
      "PARTUUID=1-02  /  ext4  defaults,rw,noatime,x-systemd.growfs  0  1\n" +
      "PARTUUID=1-01 /boot/firmware vfat defaults 0 2\n/swapfile none swap sw 0 0\n";
    expect(readOnlyFstab(text)).toBe(
      "# <device> <folder>\nPARTUUID=1-02 / ext4 ro,noatime 0 0\n" +
        "PARTUUID=1-01 /boot/firmware vfat defaults 0 2\n#/swapfile none swap sw 0 0\n",
    );
  });

  it("is not made larger by a Raspberry Pi's own first start", () => {
    const words = "console=tty1 root=PARTUUID=1 rootwait resize init=/usr/lib/firstboot\n";
    expect(rpiCommandLine(words, true)).toBe("console=tty1 root=PARTUUID=1 rootwait\n");
    expect(rpiCommandLine(words)).toBe(words);
  });

  it.each(["init", "farhand-rw"])("has a %s in shell that can be read", (name) => {
    const file = join(REPOSITORY, "scripts/image/read-only", name);
    expect(spawnSync("sh", ["-n", file]).status).toBe(0);
  });
});

describe("the first start of an image", () => {
  it("shows its greeting with every login prompt", () => {
    const root = tempDir();
    installFirstStart(root);
    installFirstStart(root);
    const [, place = ""] =
      /ISSUE = "(.+)"/.exec(
        readFileSync(join(REPOSITORY, "scripts/image/board/console.mjs"), "utf8"),
      ) ?? [];
    expect(readlinkSync(join(root, "etc/issue.d/farhand.issue"))).toBe(place);
  });

  it("shows its greeting before Raspberry Pi OS covers the screen", () => {
    const own = "etc/systemd/system/userconfig.service.d/farhand.conf";
    const root = tempDir();
    installFirstStart(root);
    expect(existsSync(join(root, own))).toBe(false);
    mkdirSync(join(root, "usr/lib/systemd/system"), { recursive: true });
    writeFileSync(join(root, "usr/lib/systemd/system/userconfig.service"), "");
    installFirstStart(root);
    const text = readFileSync(join(root, own), "utf8");
    expect(text).toMatch(/^After=farhand-console\.service$/m);
    expect(text).toMatch(/^ExecStartPre=\/bin\/sleep \d+$/m);
  });

  it("waits for nothing that waits for it, in a system with cloud-init", () => {
    const root = tempDir();
    installFirstStart(root);
    const unit = join(root, "etc/systemd/system/farhand-setup.service");
    // cloud-init needs that one before the target that every ordinary unit comes after.
    expect(readFileSync(unit, "utf8")).not.toMatch(/^Before=.*systemd-networkd/m);
  });
});

describe("settings of a Raspberry Pi", () => {
  it("are added once, however often the image is customised", () => {
    const once = rpiConfig("arm_64bit=1\ndtoverlay=dwc2,dr_mode=host\n");
    expect(once).toContain("\n#dtoverlay=dwc2,dr_mode=host\n");
    expect(once).toContain("\ndtoverlay=dwc2,dr_mode=peripheral\n");
    expect(rpiConfig(once)).toBe(once);
  });

  it("leave the only USB port of a model 2 or 3 to its network", () => {
    /** Sections in which a line counts. */
    const sections = (text: string, wanted: string) => {
      let section = "[all]";
      return text.split("\n").flatMap((line) => {
        section = line.startsWith("[") ? line : section;
        return line === wanted ? [section] : [];
      });
    };
    const text = rpiConfig("[cm4]\notg_mode=1\n[cm5]\ndtoverlay=dwc2,dr_mode=host\n[all]\n");
    const peripheral = "dtoverlay=dwc2,dr_mode=peripheral";
    expect(sections(text, peripheral)).toEqual(["[pi0]", "[pi4]", "[pi5]"]);
    expect(sections(text, "enable_uart=1")).toEqual(["[all]"]);
    expect(text).toContain("[cm4]\n#otg_mode=1\n[cm5]\n#dtoverlay=dwc2,dr_mode=host\n");
    expect(text.trimEnd()).toMatch(/\[all\]\n# Farhand: end$/);
  });

  it("take the console off the UART and leave the screen", () => {
    expect(rpiCommandLine("console=serial0,115200 console=tty1 root=PARTUUID=1 rootwait\n")).toBe(
      "console=tty1 root=PARTUUID=1 rootwait\n",
    );
    expect(rpiCommandLine("console=ttyAMA0 root=/dev/sda1")).toBe("console=tty1 root=/dev/sda1\n");
    // Debian's own kernel calls it so.
    expect(rpiCommandLine("console=tty0 console=ttyS1,115200")).toBe("console=tty0\n");
  });
});

describe("what comes with an image", () => {
  it("lists installed packages only", () => {
    const status = `${DPKG}\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n`;
    expect(packagesIn(status).map(({ name }) => name)).toEqual(["dpkg"]);
    const { components } = partsList({ name: "x.img", version: "1", status, suite: "trixie" });
    expect(components[0]?.purl).toBe("pkg:deb/debian/dpkg@1.22?arch=arm64&distro=trixie");
  });

  it("lists what the program itself is made of, each part once", () => {
    const parts = ["@x/a 1.2.3: MIT\n\nCopyright: me", "b 2.0.0: ISC", "@x/a 1.2.3: MIT"];
    const licenses = parts.map((part) => `${part}\n`).join(`\n${"-".repeat(78)}\n\n`);
    const image = { name: "x.img", version: "1", status: DPKG, suite: "trixie", licenses };
    const { components } = partsList(image);
    expect(components.slice(1)).toMatchObject([
      { name: "@x/a", version: "1.2.3", purl: "pkg:npm/%40x/a@1.2.3" },
      { name: "b", licenses: [{ license: { name: "ISC" } }], purl: "pkg:npm/b@2.0.0" },
    ]);
  });

  it("writes names and versions in the form of package addresses", () => {
    const status = DPKG.replace("dpkg", "libstdc++6").replace("1.22", "1:14~rc+1");
    const { components } = partsList({ name: "x.img", version: "1", status, suite: "trixie" });
    expect(components[0]?.purl).toMatch(/^pkg:deb\/debian\/libstdc%2B%2B6@1%3A14~rc%2B1\?/);
  });

  it("has an entry for the imager", () => {
    const image = { name: "Farhand", description: "KVM", url: "https://example.com/x", size: 5 };
    const list = imagerList({ ...image, arch: "arm64", sha256: "ab", date: "2026-01-01" });
    expect(list.os_list[0]).toMatchObject({ extract_size: 5, extract_sha256: "ab" });
    expect(list.os_list[0]).toMatchObject({ architecture: "armv8" });
    expect(list.os_list[0]?.devices).toContain("pi4-64bit");
  });
});

describe("mounting an image", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("says where it can be done when there is no loop device", () => {
    const folder = tempDir();
    const refusal = "#!/bin/sh\necho 'cannot find an unused loop device' >&2\nexit 1\n";
    writeFileSync(join(folder, "losetup"), refusal, { mode: 0o755 });
    vi.stubEnv("PATH", `${folder}:${process.env["PATH"] ?? ""}`);
    const partition = { number: 1, offset: 0, size: MIB };
    expect(() => new MountedRoot("disk.img", partition)).toThrow(
      /No loop device .* Containers .*\n[^]*cannot find an unused loop device/,
    );
  });
});
