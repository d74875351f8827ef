import type { OpenTerminalLink } from "../../components/terminal/terminal-link.ts";

/** Commands of ttyd's protocol, in both directions. */
const OUTPUT = 0x30;
const INPUT = "0";
const RESIZE = "1";
const PAUSE = "2";
const RESUME = "3";

const encoder = new TextEncoder();

/** A shell of the device, in ttyd's protocol. */
export const ttydLink: OpenTerminalLink = (first, { onOpen, onOutput, onEnd }) => {
  const socket = new WebSocket("/extras/webterm/ttyd/ws?ends=code", ["tty"]);
  let size = first;
  const send = (text: string): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(encoder.encode(text));
  };
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => {
    send(JSON.stringify({ AuthToken: "", ...size }));
    onOpen();
  });
  socket.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => {
    const bytes = new Uint8Array(data);
    if (bytes[0] === OUTPUT) onOutput(bytes.subarray(1));
  });
  socket.addEventListener("close", ({ reason }) => onEnd(reason));
  return {
    send: (text) => send(`${INPUT}${text}`),
    resize(next) {
      size = next;
      send(`${RESIZE}${JSON.stringify(size)}`);
    },
    hold: (isHeld) => send(isHeld ? PAUSE : RESUME),
    close: () => socket.close(),
  };
};
