import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import { exportRoutes } from "../../../src/api/kvmd/export.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { createInfo } from "../../../src/device/info/info.ts";
import { createFileStore } from "../../../src/platform/files/node-files.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeHost } from "../../support/fake-host.ts";

const OFF = { online: true, state: false };

function setUp(requireAuth = true) {
  const clock = fakeClock();
  const host = fakeHost();
  const info = createInfo({
    config: {
      name: "",
      color: "auto",
      meta: {},
      metaFile: "",
      ignorePastThrottling: false,
      pollSeconds: 5,
    },
    host,
    files: createFileStore(),
    clock,
    log: silentLogger,
    farhand: { version: "0.1.0", platform: "linux" },
  });
  const power = { enabled: true, power: false };
  const app = Fastify();
  const access: unknown[] = [];
  app.addHook("onRoute", ({ config }) => {
    access.push(config?.access);
  });
  exportRoutes(app, {
    config: { requireAuth },
    clock,
    info,
    atx: () => power,
    gpio: () => ({
      inputs: { led1: OFF, "led-two.x": { online: false, state: true }, __hidden__: OFF },
      outputs: { relay1: OFF, "led1.": OFF },
    }),
    own: () => ({ hid: { online: true }, process: { resident_bytes: 1024 } }),
  });
  const scrape = async () => await app.inject("/export/prometheus/metrics");
  return { scrape, power, host, clock, access };
}

describe("GET /export/prometheus/metrics", () => {
  it("lists PiKVM's metrics in PiKVM's order, then our own", async () => {
    const { headers, body } = await setUp().scrape();
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(body.match(/^[a-z].*$/gm)).toEqual([
      "pikvm_atx_enabled 1",
      "pikvm_atx_power 0",
      "pikvm_gpio_input_online_led_two_x 0",
      "pikvm_gpio_input_state_led_two_x 1",
      "pikvm_gpio_input_online_led1 1",
      "pikvm_gpio_input_state_led1 0",
      "pikvm_gpio_output_online_led1_ 1",
      "pikvm_gpio_output_state_led1_ 0",
      "pikvm_gpio_output_online_relay1 1",
      "pikvm_gpio_output_state_relay1 0",
      "pikvm_hw_cpu_percent 16",
      "pikvm_hw_mem_available 23867969536",
      "pikvm_hw_mem_percent 5.6",
      "pikvm_hw_mem_total 25276514304",
      "pikvm_hw_temp_cpu 36.511",
      "pikvm_hw_throttling_ignore_past 0",
      "pikvm_hw_throttling_freq_capped_now 0",
      "pikvm_hw_throttling_freq_capped_past 0",
      "pikvm_hw_throttling_throttled_now 0",
      "pikvm_hw_throttling_throttled_past 0",
      "pikvm_hw_throttling_undervoltage_now 0",
      "pikvm_hw_throttling_undervoltage_past 0",
      "pikvm_hw_throttling_raw_flags 0",
      "pikvm_fan_monitored 0",
      "farhand_hid_online 1",
      "farhand_process_resident_bytes 1024",
    ]);
    expect(body.startsWith("# TYPE pikvm_atx_enabled gauge\npikvm_atx_enabled 1\n\n# TYPE")).toBe(
      true,
    );
  });

  it("exports a fan's values under PiKVM's names", async () => {
    const { scrape, host } = setUp();
    host.set({ fan: { speedPercent: 25, pwm: 64, rpm: 900, ok: true } });
    const { body } = await scrape();
    expect(body.match(/^pikvm_fan.*$/gm)).toEqual([
      "pikvm_fan_monitored 1",
      "pikvm_fan_state_fan_last_fail_ts -1",
      "pikvm_fan_state_fan_ok 1",
      "pikvm_fan_state_fan_pwm 64",
      "pikvm_fan_state_fan_speed 25",
      "pikvm_fan_state_hall_available 1",
      "pikvm_fan_state_hall_rpm 900",
      "pikvm_fan_state_service_now_ts 65425",
      "pikvm_fan_state_temp_fixed 36.511",
      "pikvm_fan_state_temp_real 36.511",
    ]);
  });

  it("leaves out what has no value", async () => {
    const { scrape, host } = setUp();
    host.set({ cpuTemperature: null, memoryTotalBytes: null });
    const { body } = await scrape();
    expect(body).not.toContain("temp_cpu");
    expect(body).not.toContain("mem_percent");
    expect(body).toContain("pikvm_hw_mem_available");
  });

  it("collects at most every five seconds", async () => {
    const { scrape, power, clock } = setUp();
    await scrape();
    power.power = true;
    await clock.advance(4999);
    expect((await scrape()).body).toContain("pikvm_atx_power 0\n");
    await clock.advance(1);
    expect((await scrape()).body).toContain("pikvm_atx_power 1\n");
  });

  it("is public only if the configuration says so", () => {
    expect(setUp(true).access).toContain("viewer");
    expect(setUp(false).access).toContain("public");
  });
});
