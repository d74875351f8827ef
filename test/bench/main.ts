// npm run bench: measures the built daemon, prints the table and writes it to test/bench/README.md.
// "npm run bench -- --quick" measures for a shorter time, "--only hub,page" only some sections; both write nothing.
import { readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, loadavg, totalmem } from "node:os";
import { agentLoads } from "./agent-load.ts";
import { fleetPage } from "./fleet-page.ts";
import type { FleetPageResult } from "./fleet-page.ts";
import { frameToWire } from "./frame-to-wire.ts";
import type { WireResult } from "./frame-to-wire.ts";
import { httpRates, startTimes } from "./http-rates.ts";
import type { HttpRow } from "./http-rates.ts";
import { hubRows } from "./hub-rows.ts";
import { FULL_MIB, imageUpload, QUICK_MIB } from "./image-upload.ts";
import { coreName, proxyNode } from "./proxy-node.ts";
import { ms, percent, table } from "./table.ts";
import type { Row } from "./table.ts";
import { videoFanOut } from "./video.ts";
import type { VideoResult } from "./video.ts";

const isQuick = process.argv.includes("--quick");

async function startRows(): Promise<readonly Row[]> {
  const plain = await startTimes(false);
  const tls = await startTimes(true);
  return [
    {
      what: "Start to first 200, TLS off, median of 10",
      measured: ms(plain.medianMs),
      target: "400 ms",
    },
    {
      what: "Start to first 200, TLS on, median of 10",
      measured: ms(tls.medianMs),
      target: "400 ms",
    },
    {
      what: "The very first start, TLS on (account and certificate are made)",
      measured: ms(tls.firstMs),
      target: "-",
    },
  ];
}

function rateRow({ path, tls, perSecond, p50Ms, p99Ms, failures }: HttpRow): Row {
  const wanted = path === "/api/info" ? "3,000/s" : "8,000/s, p99 10 ms";
  const failed = failures === 0 ? "" : `, ${failures} FAILED`;
  return {
    what: `\`${path}\`, TLS ${tls ? "on" : "off"}`,
    measured: `${Math.round(perSecond).toLocaleString("en")}/s, p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}${failed}`,
    target: tls ? "-" : wanted,
  };
}

async function rateRows(): Promise<readonly Row[]> {
  const durationMs = isQuick ? 2000 : 8000;
  const plain = await httpRates(false, durationMs);
  const tls = await httpRates(true, durationMs);
  return [
    ...plain.rows.map(rateRow),
    ...tls.rows.map(rateRow),
    {
      what: "Resident memory, idle for 3 s (TLS off / on)",
      measured: `${plain.idleMiB.toFixed(0)} / ${tls.idleMiB.toFixed(0)} MiB`,
      target: "75 MB",
    },
    {
      what: "Resident memory after the requests (TLS off / on)",
      measured: `${plain.loadedMiB.toFixed(0)} / ${tls.loadedMiB.toFixed(0)} MiB`,
      target: "-",
    },
  ];
}

function wireText({ p50Ms, p99Ms, maxMs }: WireResult): string {
  return `p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, longest ${ms(maxMs)}`;
}

async function wireRows(): Promise<readonly Row[]> {
  const { idle, flood } = await frameToWire();
  return [
    {
      what: "WebSocket key to serial line, idle",
      measured: wireText(idle),
      target: "p50 0.5 ms, p99 3 ms",
    },
    {
      what: "WebSocket key to serial line, under 4 x 250 moves/s",
      measured: wireText(flood),
      target: "-",
    },
    {
      what: "Reports a key waits for under the flood",
      measured: `p99 ${flood.reportsBefore.p99}, at most ${flood.reportsBefore.most}`,
      target: "1",
    },
    {
      what: "Reports on the line under the flood",
      measured: `${flood.reportsPerSecond.toFixed(0)}/s`,
      target: "-",
    },
  ];
}

function videoText({ fps, ageP50Ms, ageP99Ms, lost, cpuPercent }: VideoResult): string {
  const age = `age p50 ${ms(ageP50Ms)}, p99 ${ms(ageP99Ms)}`;
  return `${fps.toFixed(1)} pictures/s each, ${age}, ${lost} lost, ${cpuPercent.toFixed(0)} % of a core`;
}

async function videoRows(): Promise<readonly Row[]> {
  const { plain, withStalled } = await videoFanOut(isQuick ? 3000 : 10_000);
  return [
    {
      what: "MJPEG 1280x720 at 30/s to 20 viewers",
      measured: videoText(plain),
      target: "0 lost",
    },
    {
      what: "The same with one more viewer that has stopped reading",
      measured: videoText(withStalled),
      target: "0 lost",
    },
    {
      what: "Resident memory with 20 viewers, without and with the stalled one",
      measured: `${plain.residentMiB.toFixed(0)} / ${withStalled.residentMiB.toFixed(0)} MiB`,
      target: "-",
    },
  ];
}

async function imageRows(): Promise<readonly Row[]> {
  const result = await imageUpload(isQuick ? QUICK_MIB : FULL_MIB);
  const rate = (perSecond: number): string => `${perSecond.toFixed(0)} MiB/s`;
  const memory = [result.idleMiB, result.uploadMiB, result.downloadMiB];
  return [
    {
      what: `\`cp\` of a ${result.mib} MiB image, to the disk`,
      measured: rate(result.copyRate),
      target: "-",
    },
    {
      what: "Upload of that image, to the disk",
      measured: `${rate(result.uploadRate)}, ${((100 * result.uploadRate) / result.copyRate).toFixed(0)} % of cp`,
      target: "50 % of cp",
    },
    { what: "Download of that image", measured: rate(result.downloadRate), target: "-" },
    {
      what: "Resident memory before, at most during the upload, during the download",
      measured: `${memory.map((mib) => mib.toFixed(0)).join(" / ")} MiB`,
      target: "the same for every size",
    },
  ];
}

async function proxyRows(): Promise<readonly Row[]> {
  const { syncs, pollP50Ms, pollMaxMs, pollKiB } = await proxyNode();
  const syncRows = syncs.map(({ users, newMs, sameMs, startMs, residentMiB }) => ({
    what: `Proxy: ${users.toLocaleString("en")} users in two inbounds: new, again, Start; memory (${coreName()})`,
    measured: `${ms(newMs)}, ${ms(sameMs)}, ${ms(startMs)}; ${residentMiB.toFixed(0)} MiB`,
    target: "-",
  }));
  return [
    ...syncRows,
    {
      what: `Proxy: counters of 10,000 users, read and reset (${pollKiB.toFixed(0)} KiB), p50, longest`,
      measured: `${ms(pollP50Ms)}, ${ms(pollMaxMs)}`,
      target: "-",
    },
  ];
}

async function agentRows(): Promise<readonly Row[]> {
  const [base, ...loads] = await agentLoads(isQuick ? 4000 : 15_000, isQuick ? 6 : 30);
  if (base === undefined) return [];
  return loads.map(({ uplinks, cpuMsPerTick, residentMiB }) => ({
    what: `Agent with ${uplinks} uplink${uplinks === 1 ? "" : "s"}: added to a device that idles`,
    measured: `${ms(cpuMsPerTick - base.cpuMsPerTick)} of CPU a second, ${(residentMiB - base.residentMiB).toFixed(1)} MiB`,
    target: "2 ms, 12 MB",
  }));
}

function pageRow(result: FleetPageResult): Row {
  const busy = `${percent(result.idleShare)} of a core, ${percent(result.scrollShare)} while scrolling`;
  const frames = `${result.framesPerSecond.toFixed(0)} frames/s, longest wait p99 ${ms(result.frameP99Ms)}`;
  return {
    what: `Fleet page with 1,000 nodes updating every second, as ${result.layout}`,
    measured: `${busy}; ${frames}`,
    target: "35 %; 60 frames/s",
  };
}

async function pageRows(): Promise<readonly Row[]> {
  const results = await fleetPage(1000, isQuick ? 5 : 20);
  if (results !== undefined) return results.map(pageRow);
  const what = "Fleet page with 1,000 nodes updating every second";
  return [{ what, measured: "not measured: Chromium is missing", target: "35 %; 60 frames/s" }];
}

/** Other work on the machine shows here: the benchmark alone makes a load of about two. */
function load(): string {
  return loadavg()[0]?.toFixed(1) ?? "unknown";
}

const DOCUMENT = "test/bench/README.md";
/** Between them is what changes with each run. */
const [FIRST_FACT, EXPLANATION] = ["- Date: ", "How it is measured:\n"] as const;

/** The document with other figures. */
function documentOf(old: string, rows: readonly Row[], loadBefore: string): string {
  const [start, end] = [old.indexOf(FIRST_FACT), old.indexOf(EXPLANATION)];
  if (start < 0 || end < start) throw new Error(`${DOCUMENT} has no place for the figures`);
  const processors = cpus();
  const facts = [
    `${FIRST_FACT}${new Date().toISOString().slice(0, 10)}`,
    `- Machine: ${processors.length} x ${processors[0]?.model.trim() ?? "unknown processor"}, ${arch()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    `- Node.js ${process.versions.node}`,
    `- Load average of the machine before and after: ${loadBefore} and ${load()}`,
  ];
  return `${old.slice(0, start)}${facts.join("\n")}\n\n${table(rows)}\n\n${old.slice(end)}`;
}

const SECTIONS = new Map<string, () => Promise<readonly Row[]>>([
  ["start", startRows],
  ["http", rateRows],
  ["wire", wireRows],
  ["video", videoRows],
  ["image", imageRows],
  ["hub", () => hubRows(isQuick)],
  ["page", pageRows],
  ["proxy", proxyRows],
  ["agent", agentRows],
]);

/** What `--only` names, or everything. */
function wantedSections(): readonly string[] {
  const at = process.argv.indexOf("--only");
  const wanted = at < 0 ? [...SECTIONS.keys()] : (process.argv[at + 1] ?? "").split(",");
  const unknown = wanted.find((name) => !SECTIONS.has(name));
  if (unknown === undefined) return wanted;
  throw new Error(`There is no section '${unknown}': ${[...SECTIONS.keys()].join(", ")}`);
}

const sections = wantedSections();
const loadBefore = load();
const rows: Row[] = [];
for (const name of sections) rows.push(...((await SECTIONS.get(name)?.()) ?? []));
console.log(table(rows));
if (isQuick || sections.length < SECTIONS.size) {
  console.log(`Load average of the machine before and after: ${loadBefore} and ${load()}`);
} else writeFileSync(DOCUMENT, documentOf(readFileSync(DOCUMENT, "utf8"), rows, loadBefore));
