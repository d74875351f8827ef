// Messages whose field numbers are the same in every generation (Nezha facts 1.2).
import { bool, bytes, createCodec, double, float, text, uint64 } from "./codec.ts";
import { EMPTY_TASK, EMPTY_TASK_RESULT } from "./messages.ts";
import type {
  NezhaBootReceipt,
  NezhaIoData,
  NezhaReceipt,
  NezhaTask,
  NezhaTaskResult,
  NezhaTemperature,
} from "./messages.ts";

export const temperatureCodec = createCodec<NezhaTemperature>(
  { name: "", temperature: 0 },
  { name: text(1), temperature: double(2) },
);

export const taskCodec = createCodec<NezhaTask>(EMPTY_TASK, {
  id: uint64(1),
  type: uint64(2),
  data: text(3),
});

export const taskResultCodec = createCodec<NezhaTaskResult>(EMPTY_TASK_RESULT, {
  id: uint64(1),
  type: uint64(2),
  delay: float(3),
  data: text(4),
  successful: bool(5),
});

export const receiptCodec = createCodec<NezhaReceipt>({ proced: false }, { proced: bool(1) });

/** Dashboards of v1.1.1 and later. */
export const bootReceiptCodec = createCodec<NezhaBootReceipt>({ data: 0 }, { data: uint64(1) });

export const ioDataCodec = createCodec<NezhaIoData>({ data: new Uint8Array() }, { data: bytes(1) });
