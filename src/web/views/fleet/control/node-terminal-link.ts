import { TERMINAL_ENDED } from "../../../../protocol/fleet/terminal.ts";
import type { TerminalResize } from "../../../../protocol/fleet/terminal.ts";
import type { OpenTerminalLink } from "../../../components/terminal/terminal-link.ts";
import { FLEET } from "../fleet-api.ts";

const encoder = new TextEncoder();

/** A shell on a node, through the hub. Output waits at the hub by itself when this page's socket does not take it. */
export const nodeTerminalLink =
  (uuid: string): OpenTerminalLink =>
  (first, { onOpen, onOutput, onEnd }) => {
    const socket = new WebSocket(`${FLEET}/nodes/${uuid}/terminal`);
    let size = first;
    const isOpen = (): boolean => socket.readyState === WebSocket.OPEN;
    const tellSize = (): void => {
      const frame: TerminalResize = { t: "resize", ...size };
      if (isOpen()) socket.send(JSON.stringify(frame));
    };
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      tellSize();
      onOpen();
    });
    socket.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => {
      onOutput(new Uint8Array(data));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      onEnd(code === TERMINAL_ENDED ? reason : "");
    });
    return {
      send(text) {
        if (isOpen()) socket.send(encoder.encode(text));
      },
      resize(next) {
        size = next;
        tellSize();
      },
      hold: () => undefined,
      close: () => socket.close(),
    };
  };
