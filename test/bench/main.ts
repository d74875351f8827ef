// npm run bench: measures the built daemon, prints the table and writes it to test/bench/README.md.
// "npm run bench -- --quick" measures for a shorter time, "--only hub,page" only some sections; both write nothing.
import { writeFileSync } from "node:fs";
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

function documentOf(rows: readonly Row[], loadBefore: string): string {
  const processors = cpus();
  return `# Benchmark

\`npm run bench\` builds the daemon, measures it and rewrites this file; \`npm run bench -- --quick\` only prints, and so
does \`npm run bench -- --only hub,page\`, which measures some sections (start, http, wire, video, image, hub, page, proxy,
agent).

- Date: ${new Date().toISOString().slice(0, 10)}
- Machine: ${processors.length} x ${processors[0]?.model.trim() ?? "unknown processor"}, ${arch()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB
- Node.js ${process.versions.node}
- Load average of the machine before and after: ${loadBefore} and ${load()}

${table(rows)}

How it is measured:

- Start: \`node dist/main.js serve\` with the simulated board, from spawning the process to the first 200 of \`/health\`.
- Memory: of a start that is not the very first, VmRSS as the kernel tells it.
- Requests: 16 keep-alive connections with one request in flight each, credentials in X-KVMD headers, from a process of
  its own on the same machine, so both share its cores.
- Key to line: the client and a simulated CH9329 live in one process; the daemon opens a pseudo-terminal with the real
  serial package. The chip answers at the pace of a 115200 baud wire. Measured from sending the WebSocket frame to the
  complete report at the chip. A report that left the daemon before it had read the frame counts as waited for.
- Video: a stand-in for the capture program sends numbered pictures of 90 kB; 20 viewers read them in a process of their
  own. The age is from leaving the stand-in to being complete at the viewer; a gap in the numbers is a loss. Processor
  time is the daemon's alone.
- Images: the client streams a file of random bytes to \`/api/msd/write\` and reads it back, on the disk that holds the
  temporary folder, without TLS; \`cp\` is followed by \`sync\` of the copy. Client and daemon share the cores. Memory is
  sampled ten times a second.
- Proxy: a panel over REST with TLS, chunks of 2,000 users, and a core that is a Node.js process of its own and shares
  the cores; \`FARHAND_BENCH_CORE=/path/to/xray\` takes a real one for the users. Memory is the daemon's after the Start.
- Agent: one sample and one report to each uplink a second, Komari servers on loopback; processor time of all threads.
- Hub without sockets: the domain behind the dialects in the benchmark's own process, its database in a thread. 1,000
  agents report in each of 180 simulated seconds.
- Hub with agents on sockets: the whole daemon, and agents in a process of its own that shares the cores: of Komari's
  version 2 on WebSockets, or of Nezha's v1 with one connection and two streams each. Processor time, memory and rate are
  of 20 s after 40 s of warming up. Then one viewer asks \`/api/clients\` for the whole fleet again
  200 ms after each answer, while one more agent sends marked reports: from sending the mark to the answer that has it.
  Lost is what was sent and never counted.
- Hub, thirty days of one node: a database in which the storage itself has written every minute of ninety simulated days
  of fifty nodes with ten ping tasks, packing and dropping at its own pace; no two minutes are alike. The size is of that.
  The rows of each are then copied for three more nodes. The whole daemon opens the file, agents report each second and
  answer every ping, and a client asks over one connection for one node after the other, as the stock front end does for
  its view of 30 days, from sending the request to the last byte. Its log is searched for a locked database.
- Fleet page: the whole daemon, agents as above, and headless Chromium without a graphics card, 1440 x 900, on the same
  cores. Processor time is of all threads of the process that has the page: script, layout and drawing. It is scrolled 24
  pixels a frame, there and back; frames are counted by requestAnimationFrame, of which there are at most 60 a second.

The targets are for a machine with two cores.
`;
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
} else writeFileSync("test/bench/README.md", documentOf(rows, loadBefore));
