// Messages whose field numbers are the same in every generation (Nezha facts 1.2).
import { bool, bytes, double, message, string } from "../protobuf/message.ts";
import { codecOf, counter, float } from "./codec.ts";
import { EMPTY_TASK, EMPTY_TASK_RESULT } from "./messages.ts";
import type {
  NezhaBootReceipt,
  NezhaIoData,
  NezhaReceipt,
  NezhaTask,
  NezhaTaskResult,
} from "./messages.ts";

export const temperatureType = message("proto.State_SensorTemperature", {
  name: string(1),
  temperature: double(2),
});

export const taskCodec = codecOf<NezhaTask>(
  EMPTY_TASK,
  message("proto.Task", { id: counter(1), type: counter(2), data: string(3) }),
);

export const taskResultCodec = codecOf<NezhaTaskResult>(
  EMPTY_TASK_RESULT,
  message("proto.TaskResult", {
    id: counter(1),
    type: counter(2),
    delay: float(3),
    data: string(4),
    successful: bool(5),
  }),
);

export const receiptCodec = codecOf<NezhaReceipt>(
  { proced: false },
  message("proto.Receipt", { proced: bool(1) }),
);

/** Dashboards of v1.1.1 and later. */
export const bootReceiptCodec = codecOf<NezhaBootReceipt>(
  { data: 0 },
  message("proto.Uint64Receipt", { data: counter(1) }),
);

export const ioDataCodec = codecOf<NezhaIoData>(
  { data: new Uint8Array() },
  message("proto.IOStreamData", { data: bytes(1) }),
);
