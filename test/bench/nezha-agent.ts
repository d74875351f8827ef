import { EMPTY_STATE } from "../../src/protocol/nezha/messages.ts";
import { METHOD } from "../../src/protocol/nezha/service.ts";
import { stateCodecV1 } from "../../src/protocol/nezha/v1.ts";
import { AgentSocket } from "./agent-socket.ts";

// HTTP/2 (RFC 9113) as far as an agent with two long streams needs it.

const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 };
const END_STREAM = 1;
const END_HEADERS = 4;
const ACK = 1;
const INITIAL_WINDOW = 4;
/** The server may send as much as it likes: nothing has to be given back. */
const LARGEST_WINDOW = 2 ** 31 - 1;
const FIRST_WINDOW = 65_535;
const HEAD = 9;
const TASKS = 1;
const STATES = 3;

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Texts shorter than 127 bytes, with their length (RFC 7541 5.2). */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
}

/** Put into the table of the peer, as real agents do (RFC 7541 6.2.1). */
function header(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0x40), text(name), text(value)]);
}

function headersOf(path: string, token: string, uuid: string): Buffer {
  // :method POST and :scheme http of the static table, :path by its name there.
  const known = [Buffer.of(0x83, 0x86, 0x44), text(path)];
  const own = [
    header(":authority", "bench"),
    header("content-type", "application/grpc"),
    header("te", "trailers"),
    header("client-secret", token),
    header("client-uuid", uuid),
  ];
  return Buffer.concat([...known, ...own]);
}

function preface(token: string, uuid: string): Buffer {
  const window = Buffer.concat([Buffer.of(0, INITIAL_WINDOW), number32(LARGEST_WINDOW)]);
  return Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    frame(FRAME.settings, 0, 0, window),
    frame(FRAME.windowUpdate, 0, 0, number32(LARGEST_WINDOW - FIRST_WINDOW)),
    frame(FRAME.headers, END_HEADERS, TASKS, headersOf(METHOD.requestTask, token, uuid)),
    frame(FRAME.headers, END_HEADERS, STATES, headersOf(METHOD.reportState, token, uuid)),
  ]);
}

function reportFrame(index: number, second: number): Buffer {
  const message = stateCodecV1.encode({
    ...EMPTY_STATE,
    cpu: 1 + ((index + second * 13) % 97) + 0.123_456,
    memUsed: 4e9 + ((index * 7919 + second * 104_729) % 1e9),
    swapUsed: 4096 * second,
    diskUsed: 6_442_450_944 + second * 4096,
    netInTransfer: 32_250_973_581 + second * 10_240,
    netOutTransfer: 9_935_855_576 + second * 2048,
    netInSpeed: 10_240 + second,
    netOutSpeed: 2048 + index,
    uptime: 864_000 + second,
    load1: 0.11 + (second % 10) / 10,
    load5: 0.08,
    load15: 0.02,
    tcpConnCount: 31 + (second % 7),
    udpConnCount: 6,
    processCount: 118 + (second % 5),
  });
  // Not compressed, and its length.
  const prefix = Buffer.concat([Buffer.of(0), number32(message.length)]);
  return frame(FRAME.data, 0, STATES, Buffer.concat([prefix, message]));
}

/** The server ends a stream, or everything. */
function isEnd(type: number | undefined, flags: number): boolean {
  if (type === FRAME.headers) return (flags & END_STREAM) !== 0;
  return type === FRAME.reset || type === FRAME.goAway;
}

/** Of v1: one connection, a stream for tasks and one for reports. */
export class NezhaAgent extends AgentSocket {
  readonly #token: string;
  #rest: Buffer = Buffer.alloc(0);

  constructor(index: number, port: number, token: string) {
    super(index, port);
    this.#token = token;
  }

  protected override greeting(): Buffer {
    const number = String(this.index).padStart(12, "0");
    return preface(this.#token, `00000000-0000-4000-8000-${number}`);
  }

  protected override report(second: number): Buffer {
    return reportFrame(this.index, second);
  }

  protected override take(data: Buffer): void {
    this.isOpen = true;
    const bytes = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    let at = 0;
    while (at + HEAD <= bytes.length) {
      const end = at + HEAD + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      this.#answer(bytes.subarray(at, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  #answer(received: Buffer): void {
    const [type, flags = 0] = received.subarray(3, 5);
    const isAck = (flags & ACK) !== 0;
    if (type === FRAME.settings && !isAck) this.#acknowledge(FRAME.settings, Buffer.alloc(0));
    if (type === FRAME.ping && !isAck) this.#acknowledge(FRAME.ping, received.subarray(HEAD));
    if (isEnd(type, flags)) this.leave();
  }

  #acknowledge(type: number, payload: Buffer): void {
    this.write(frame(type, ACK, 0, payload));
  }
}
