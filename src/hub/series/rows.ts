import { LOAD_FIELDS } from "./series.ts";
import type { LoadFigures, PingFigures, RollUp, SeriesRow } from "./series.ts";
import { VarintReader } from "./varint.ts";
import type { VarintWriter } from "./varint.ts";

// Rows as whole numbers. A curve ("track") of a node is its load (task 0) or one ping task.

export const LOAD_TRACK = 0;
export const MINUTE_MS = 60_000;

/** Ping times are stored as tenths of a millisecond. */
const PING_SCALE = 10;
/** Two petabytes; the difference of two such figures is still exact when it is written. */
const LIMIT = 2 ** 51;

/** How columns of each kind of track become those of a longer time. Ping columns: sent, lost, mean, min, max. */
export const LOAD_ROLL_UPS: readonly RollUp[] = LOAD_FIELDS.map(({ rollUp }) => rollUp);

/** What a stored figure of each column is divided by. */
const LOAD_SCALES: readonly number[] = LOAD_FIELDS.map(({ scale }) => scale);
const PING_SCALES: readonly number[] = [1, 1, PING_SCALE, PING_SCALE, PING_SCALE];

export function scalesOf(track: number): readonly number[] {
  return track === LOAD_TRACK ? LOAD_SCALES : PING_SCALES;
}

/** The figures of stored columns in their units. */
export function figureOf(track: number, columns: readonly number[]): (column: number) => number {
  const scales = scalesOf(track);
  return (column) => (columns[column] ?? 0) / (scales[column] ?? 1);
}

function whole(value: number, scale: number): number {
  const scaled = Math.round(value * scale);
  // Not a number becomes zero here, too.
  return scaled > -LIMIT ? Math.min(scaled, LIMIT) : 0;
}

function writeLoad(writer: VarintWriter, load: LoadFigures): void {
  writer.unsigned(LOAD_FIELDS.length);
  for (const { name, scale } of LOAD_FIELDS) writer.signed(whole(load[name], scale));
}

/** What a row holds, without its node and time. */
export function encodeRow(writer: VarintWriter, row: SeriesRow): Uint8Array {
  if (row.load === undefined) writer.unsigned(0);
  else writeLoad(writer, row.load);
  for (const { task, sent, lost, meanMs, minMs, maxMs } of row.pings) {
    writer.unsigned(task);
    writer.unsigned(whole(Math.max(0, sent), 1));
    writer.unsigned(whole(Math.max(0, lost), 1));
    writer.signed(whole(meanMs, PING_SCALE));
    writer.signed(whole(minMs, PING_SCALE));
    writer.signed(whole(maxMs, PING_SCALE));
  }
  return writer.take();
}

/** Calls back for each track in the row with its columns. Throws `RangeError` for a damaged one. */
export function decodeRow(
  payload: Uint8Array,
  visit: (track: number, columns: readonly number[]) => void,
): void {
  const reader = new VarintReader(payload);
  const fields = reader.unsigned();
  if (fields > 0) {
    const columns: number[] = [];
    while (columns.length < fields) columns.push(reader.signed());
    visit(LOAD_TRACK, columns);
  }
  while (!reader.isAtEnd) {
    const task = reader.unsigned();
    const counts = [reader.unsigned(), reader.unsigned()];
    visit(task, [...counts, reader.signed(), reader.signed(), reader.signed()]);
  }
}

/** From the figure of each column, in its unit. */
export function loadOf(figure: (column: number) => number): LoadFigures {
  return {
    cpuPercent: figure(0),
    gpuPercent: figure(1),
    load1: figure(2),
    memoryUsedBytes: figure(3),
    memoryTotalBytes: figure(4),
    swapUsedBytes: figure(5),
    swapTotalBytes: figure(6),
    diskUsedBytes: figure(7),
    diskTotalBytes: figure(8),
    receivedBytesPerSecond: figure(9),
    sentBytesPerSecond: figure(10),
    receivedBytes: figure(11),
    sentBytes: figure(12),
    receivedDeltaBytes: figure(13),
    sentDeltaBytes: figure(14),
    tcpConnections: figure(15),
    udpConnections: figure(16),
    processCount: figure(17),
    temperatureCelsius: figure(18),
  };
}

export function pingOf(task: number, figure: (column: number) => number): PingFigures {
  const [sent, lost, meanMs, minMs, maxMs] = [
    figure(0),
    figure(1),
    figure(2),
    figure(3),
    figure(4),
  ];
  return { task, sent, lost, meanMs, minMs, maxMs };
}
