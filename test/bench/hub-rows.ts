// What the benchmark says about the hub.
import { hubDomain } from "./hub-domain.ts";
import { hubFleet } from "./hub-fleet.ts";
import type { FleetResult } from "./hub-fleet.ts";
import { hubRecords } from "./hub-records.ts";
import type { RecordsResult, RecordTimes } from "./hub-records.ts";
import { count, ms, percent } from "./table.ts";
import type { Row } from "./table.ts";

async function domainRows(isQuick: boolean): Promise<readonly Row[]> {
  const result = await hubDomain(isQuick);
  return [
    {
      what: "Hub: reports taken per second of processor time, saving included, without sockets",
      measured: `${count(result.reportsPerSecond)}/s`,
      target: "10,000/s",
    },
    {
      what: "Hub: resident memory per agent, without sockets",
      measured: `${result.kibPerAgent.toFixed(0)} KiB`,
      target: "125 KiB with sockets",
    },
  ];
}

function timesText({ p50Ms, p99Ms, kib }: RecordTimes): string {
  return `p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)} (${kib.toFixed(0)} KiB)`;
}

function recordRows({ agents, load, ping, reportsPerSecond, pingsPerSecond }: RecordsResult) {
  const rates = `${count(reportsPerSecond)} reports and ${count(pingsPerSecond)} pings/s come in`;
  const who = `Hub, 30 days of one node over HTTP while ${rates} from ${count(agents)} agents`;
  return [
    { what: `${who}: \`/api/records/load\``, measured: timesText(load), target: "p99 25 ms" },
    { what: `${who}: \`/api/records/ping\``, measured: timesText(ping), target: "p99 25 ms" },
  ];
}

async function pastRows(isQuick: boolean): Promise<readonly Row[]> {
  const past = isQuick
    ? await hubRecords({ nodes: 20, written: 5, days: 31, requests: 50, fleets: [20] })
    : await hubRecords({ nodes: 200, written: 50, days: 90, requests: 400, fleets: [200, 2000] });
  return [
    {
      what: `Hub: file per node and day, 10 ping tasks, default retention, after ${past.days} days of ${past.nodes} nodes`,
      measured: `${(past.bytesPerNodeDay / 1e6).toFixed(3)} MB`,
      target: "0.1 MB",
    },
    ...past.results.flatMap(recordRows),
    {
      what: "Hub: lines of the log about a locked database meanwhile",
      measured: `${past.locked}`,
      target: "0",
    },
  ];
}

function fleetRows(result: FleetResult): readonly Row[] {
  const kind = result.dialect === "komari" ? "Komari agents on sockets" : "Nezha agents over gRPC";
  const who = `Hub with ${count(result.agents)} ${kind}, one report a second each`;
  const { dropped, lostConnections, unseen } = result;
  return [
    {
      what: `${who}: taken; lost reports, connections`,
      measured: `${count(result.reportsPerSecond)}/s; ${dropped}, ${lostConnections}`,
      target: "0 lost",
    },
    {
      what: `${who}: main thread, whole process; reports that one core would take`,
      measured: `${percent(result.mainThreadShare)}, ${percent(result.processShare)} of a core; ${count(result.perCoreSecond)}/s`,
      target: "10,000/s on two cores",
    },
    {
      what: `${who}: from a report to a viewer of the whole fleet`,
      measured: `p50 ${ms(result.viewerP50Ms)}, p99 ${ms(result.viewerP99Ms)}${unseen === 0 ? "" : `, ${unseen} UNSEEN`}`,
      target: "p99 1 s",
    },
    {
      what: `${who}: resident memory`,
      measured: `${result.residentMiB.toFixed(0)} MiB`,
      target: result.agents > 2000 ? "-" : "250 MB",
    },
  ];
}

export async function hubRows(isQuick: boolean): Promise<readonly Row[]> {
  const domain = await domainRows(isQuick);
  const past = await pastRows(isQuick);
  const fleets: FleetResult[] = [];
  for (const dialect of ["komari", "nezha"] as const) {
    for (const agents of isQuick ? [500] : [2000, 10_000]) {
      fleets.push(await hubFleet(dialect, agents, isQuick ? 10 : 20));
    }
  }
  return [...domain, ...past, ...fleets.flatMap(fleetRows)];
}
