import { describe, expect, it } from "vitest";
import { importKvmd } from "../../../src/config/kvmd-import/import-kvmd.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { V4_MAIN, kvmdFolder } from "../../support/kvmd-tree.ts";

async function imported(files: Readonly<Record<string, string>>, main?: string) {
  const store = kvmdFolder(files, main);
  const found = await importKvmd({
    files: store,
    folder: "/etc/kvmd",
    main: "/usr/lib/kvmd/main.yaml",
    dataDir: "/data",
    isDataDirNamed: false,
  });
  const result = await loadConfig({
    file: "imported.yaml",
    env: {},
    readFile: () => Promise.resolve(found.text),
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const left = Object.fromEntries(found.left.map(({ path, reason }) => [path, reason]));
  return { ...found, config: result.loaded.config, left };
}

const override = (text: string, main?: string) => imported({ "override.yaml": text }, main);

describe("importKvmd", () => {
  it("carries the keys over that have a counterpart", async () => {
    const { config, left } = await override(`
kvmd:
    auth: {expire: 3600, extend: true}
    info: {hw: {ignore_past: "yes"}}
    log_reader: {enabled: false}
    prometheus: {auth: {enabled: no}}
    hid:
        type: ch9329
        device: /dev/ttyUSB0
        speed: 9600
        keymap: /usr/share/kvmd/keymaps/de
        ignore_keys: [MetaLeft, MetaRight]
        mouse_x_range: {min: 0, max: 30000}
        jiggler: {active: true, interval: 30}
        mouse: {absolute: false}
    atx: {type: disabled, click_delay: 0.2, power_led_debounce: 0.3}
    msd: {type: disabled}
    streamer:
        quality: ""
        desired_fps: {default: 20, max: 60}
        h264_bitrate: {default: 2000}
        resolution: {default: 1280x720, available: [1280x720, 1920x1080]}
        forever: true
    ocr: {langs: [eng, deu]}
    switch: {ignore_hpd_on_top: true}
otg: {manufacturer: Acme, vendor_id: 0x1234}
nginx: {https: {port: 4430}}
`);
    expect(left).toEqual({});
    const { hid, atx, msd, streamer, info, log, metrics, gadget } = config.device;
    expect(config.auth).toMatchObject({ expireSeconds: 3600, extend: true });
    expect(config.http.port).toBe(4430);
    expect([info.ignorePastThrottling, log.enabled, metrics.requireAuth]).toEqual([
      true,
      false,
      false,
    ]);
    expect(hid).toMatchObject({
      backend: "ch9329",
      serialPath: "/dev/ttyUSB0",
      baudRate: 9600,
      keymap: "de",
      ignoreKeys: ["MetaLeft", "MetaRight"],
      mouse: "relative",
      mouseXRange: { min: 0, max: 30_000 },
      jiggler: { active: true, intervalSeconds: 30 },
    });
    expect(atx).toMatchObject({ enabled: false, clickSeconds: 0.2, ledDebounceSeconds: 0.3 });
    expect(msd.enabled).toBe(false);
    expect(streamer).toMatchObject({
      quality: 0,
      forever: true,
      desiredFps: { default: 20, max: 60 },
      h264: { bitrate: { default: 2000 } },
      resolution: { default: "1280x720", available: ["1280x720", "1920x1080"] },
      ocr: { languages: ["eng", "deu"] },
    });
    expect(gadget).toMatchObject({ manufacturer: "Acme", vendorId: 0x1234 });
    expect(config.device.switch.ignoreHpdOnTop).toBe(true);
  });

  it("says where each value comes from", async () => {
    const { text } = await imported({
      "override.yaml": "kvmd: {hid: {keymap: de}}",
      "meta.yaml": "server: {host: kvm1}",
    });
    expect(text).toContain("keymap: de # kvmd/hid/keymap, override.yaml");
    expect(text).toMatch(/# meta\.yaml\n\s+meta:\n/);
  });

  it("merges as kvmd does: legacy file, folder in the order of names, override last", async () => {
    const { config, names } = await imported({
      "auth.yaml": "kvmd: {auth: {expire: 1}, hid: {keymap: one}}",
      "override.d/20.yaml": "kvmd: {auth: {expire: 3}, hid: {ignore_keys: [KeyA]}}",
      "override.d/10.yaml": "kvmd: {auth: {expire: 2}, hid: {ignore_keys: [KeyB, KeyC]}}",
      "override.yaml": "kvmd: {hid: {keymap: /x/fr}}",
    });
    expect(names).toEqual([
      "auth.yaml",
      "override.d/10.yaml",
      "override.d/20.yaml",
      "override.yaml",
    ]);
    expect(config.auth.expireSeconds).toBe(3);
    expect(config.device.hid).toMatchObject({ keymap: "fr", ignoreKeys: ["KeyA"] });
  });

  it("follows includes", async () => {
    const { config, names } = await imported({
      "override.yaml": "kvmd: !include [hid.yaml]\nnginx: {https: {port: 444}}",
      "hid.yaml": "hid: {keymap: it}",
    });
    expect([config.device.hid.keymap, config.http.port]).toEqual(["it", 444]);
    expect(names).toContain("hid.yaml");
  });

  it("takes the wiring, and nothing else, from the platform's own file", async () => {
    const { config, left } = await override("kvmd: {hid: {keymap: de}}", V4_MAIN);
    expect(config.device.hid.backend).toBe("otg");
    expect(config.device.atx).toMatchObject({
      enabled: true,
      powerLed: { chip: "gpiochip0", line: 4 },
      hddLed: { chip: "gpiochip0", line: 5 },
      powerSwitch: { chip: "gpiochip0", line: 23 },
      resetSwitch: { chip: "gpiochip0", line: 27 },
    });
    expect([config.device.gpio.scheme, left]).toEqual([{}, {}]);
  });

  it("joins chip, line and sense of an ATX light", async () => {
    const { config } = await override(
      "kvmd: {atx: {device: /dev/gpiochip1, power_led_inverted: true, hdd_led_pin: -1}}",
      V4_MAIN,
    );
    expect(config.device.atx).toMatchObject({
      powerLed: { chip: "gpiochip1", line: 4, activeLow: true },
      hddLed: "none",
      powerSwitch: { chip: "gpiochip1", line: 23 },
    });
  });

  it("leaves the wiring to the board where nothing changes it", async () => {
    const { config } = await override("kvmd: {atx: {type: gpio}}");
    expect(config.device.atx).toMatchObject({ enabled: true, powerLed: "auto" });
  });

  it("takes drivers, channels and the menu over, and leaves those of unknown drivers", async () => {
    const { config, left } = await override(`
kvmd:
    gpio:
        drivers:
            wake: {type: wol, mac: "02:00:00:00:00:01"}
            reboot: {type: cmd, cmd: [/usr/bin/true]}
            relay: {type: hidrelay, device: /dev/hidraw0}
        scheme:
            led.1: {pin: 19, mode: input}
            wake_it: {driver: wake, pin: 0, mode: output, switch: false}
            restart: {driver: reboot, pin: 0, mode: output, switch: false}
            lamp: {driver: relay, pin: 1, mode: output}
        view:
            header: {title: Mine}
            table: [["#X", led.1], [], wake_it]
    wol: {mac: "02:00:00:00:00:02"}
`);
    const { gpio } = config.device;
    expect(Object.keys(gpio.drivers)).toEqual(["wake", "reboot", "__wol__"]);
    expect(Object.keys(gpio.scheme)).toEqual(["led.1", "wake_it", "restart", "__wol__"]);
    expect(gpio.view).toEqual({
      header: { title: "Mine" },
      table: [["#X", "led.1"], [], ["wake_it"]],
    });
    expect(gpio.allowCommands).toBe(true);
    expect(left).toEqual({
      "kvmd/gpio/drivers/relay": "there is no GPIO driver 'hidrelay' here",
      "kvmd/gpio/scheme/lamp": "its driver 'relay' is not carried over",
    });
  });

  it("reads the capture hardware from a command, and takes more arguments as they are", async () => {
    const { config } = await override(`
kvmd:
    streamer:
        cmd: [/usr/bin/ustreamer, --device=/dev/video1, -m, MJPEG, --encoder, HW, --dv-timings, "--quality={quality}"]
        cmd_append: ["--brightness=10"]
`);
    expect(config.device.streamer).toMatchObject({
      device: "/dev/video1",
      format: "mjpeg",
      encoder: "hw",
      dvTimings: true,
      extraArguments: ["--brightness=10"],
    });
  });

  it("reads what versions before 4 wrote", async () => {
    const { config } = await override(
      "kvmd: {streamer: {desired_fps: 15, max_fps: 40, resolution: 800x600, available_resolutions: [800x600]}}",
    );
    expect(config.device.streamer).toMatchObject({
      desiredFps: { default: 15, max: 40 },
      resolution: { default: "800x600", available: ["800x600"] },
    });
  });

  it("switches encryption off where nginx did, with the port of plain HTTP", async () => {
    const { config, left } = await override(
      "nginx: {http: {port: 8080}, https: {enabled: false, port: 443}}",
    );
    expect(config.http).toMatchObject({ port: 8080, tls: { mode: "off" } });
    expect(left).toEqual({ "nginx/https/port": "HTTPS is switched off" });
  });

  it.each([
    ["kvmd: {auth: {enabled: false}}", "kvmd/auth/enabled", /needs an account/],
    ["kvmd: {auth: {internal: {type: pam}}}", "kvmd/auth/internal/type", /password file/],
    ["kvmd: {auth: {external: {type: ldap}}}", "kvmd/auth/external/type", /external service/],
    ["kvmd: {hid: {type: bt}}", "kvmd/hid/type", /'bt'/],
    ["kvmd: {hid: {speed: 9600}}", "kvmd/hid/speed", /serial HID/],
    [
      "kvmd: {hid: {jiggler: {interval: soon}}}",
      "kvmd/hid/jiggler/interval",
      /"soon" is no number/,
    ],
    ["kvmd: {log_reader: {enabled: maybe}}", "kvmd/log_reader/enabled", /neither true nor false/],
    ["kvmd: {streamer: {quality: 300}}", "kvmd/streamer/quality", /must be a whole number/],
    ["kvmd: {streamer: {cmd: [/bin/false]}}", "kvmd/streamer/cmd", /not ustreamer/],
    ["nginx: {http: {port: 80}}", "nginx/http/port", /no plain HTTP/],
    ["vnc: {server: {port: 5901}}", "vnc/server/port", /no such service/],
    ["otg: {devices: {serial: {enabled: true}}}", "otg/devices/serial/enabled", /USB devices/],
    ["janus: {stun: {host: x}}", "janus/stun/host", /no such service/],
    ["kvmd: {hid: {mouse: {device: /dev/x}}}", "kvmd/hid/mouse/device", /by itself/],
    ["made: {up: 1}", "made/up", /no.* counterpart/],
  ])("names what it leaves of %s, and why", async (text, path, reason) => {
    const { left, config } = await override(text);
    expect(left[path]).toMatch(reason);
    expect(config.device.hid.keymap).toBe("en-us");
  });

  it("finds the files that keys name, below the folder that stands in for /etc/kvmd", async () => {
    const files = kvmdFolder({});
    files.edit(
      "/mnt/old/etc/kvmd/override.yaml",
      "kvmd: {auth: {internal: {file: /etc/kvmd/users}}}",
    );
    files.edit("/mnt/old/etc/kvmd/users", "bob:x\n");
    files.edit("/mnt/old/etc/kvmd/totp.secret", "\n");
    const found = await importKvmd({
      files,
      folder: "/mnt/old/etc/kvmd",
      main: "/nowhere",
      dataDir: "/data",
      isDataDirNamed: true,
    });
    expect([found.htpasswd, found.totpSecret]).toEqual(["bob:x\n", undefined]);
    expect(found.text).toContain("dataDir: /data");
  });

  it("takes the certificate along, unless encryption is off", async () => {
    const pair = { "nginx/ssl/server.crt": "CERT", "nginx/ssl/server.key": "KEY" };
    const { config, certificate } = await imported({ ...pair, "override.yaml": "" });
    expect(config.http.tls).toEqual({
      mode: "files",
      cert: "/data/kvmd-server.crt",
      key: "/data/kvmd-server.key",
    });
    expect(certificate.map(({ mode }) => mode)).toEqual([0o600, 0o600]);
    const plain = await imported({ ...pair, "override.yaml": "nginx: {https: {enabled: false}}" });
    expect(plain.certificate).toEqual([]);
  });

  it.each([
    ["override.yaml", "kvmd: [1"],
    ["override.yaml", "kvmd: !include missing.yaml"],
    ["override.yaml", "kvmd: !include override.yaml"],
    ["meta.yaml", "a: b: c"],
  ])("reports %s with %s instead of guessing", async (name, text) => {
    const { problems } = await imported({ [name]: text });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${name}: `);
  });
});
