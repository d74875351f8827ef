/**
 * The page of the web terminal. PiKVM's terminal window shows `/extras/webterm/ttyd/` in a frame; ttyd brings a page of
 * its own there, and this is ours, with xterm.js on the same frames.
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import { fileURLToPath } from "node:url";
import { howToRestore, MissingPartError } from "../../core/errors.ts";
import { staticRoute } from "../../http/static.ts";
import type { FileStore } from "../../platform/files/port.ts";

export const TERMINAL_PATH = "/extras/webterm/ttyd";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // The terminal sets its colors and sizes this way.
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src data:",
  "frame-ancestors 'self'",
].join("; ");

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Terminal</title>
<link rel="stylesheet" href="xterm.css">
<style>html, body { height: 100%; margin: 0; background: #000; } body { padding: 4px; box-sizing: border-box; }</style>
<script src="xterm.js" defer></script>
<script src="addon-fit.js" defer></script>
<script src="page.js" defer></script>
</head>
<body></body>
</html>
`;

/** Runs in the browser. Output that is not drawn yet holds the shell back, so that a flood of it stays interruptible. */
const SCRIPT = `"use strict";
const HOLD = 256 * 1024;
const GO_ON = 64 * 1024;
const encoder = new TextEncoder();
const terminal = new Terminal({ cursorBlink: true, fontFamily: "ui-monospace, monospace" });
const fit = new FitAddon.FitAddon();
let socket;
let waiting = false;
let undrawn = 0;
let held = false;

function send(text) {
  if (socket.readyState === WebSocket.OPEN) socket.send(encoder.encode(text));
}

function hold(on) {
  if (held === on) return;
  held = on;
  send(on ? "2" : "3");
}

function draw(bytes) {
  undrawn += bytes.length;
  if (undrawn > HOLD) hold(true);
  terminal.write(bytes, () => {
    undrawn -= bytes.length;
    if (undrawn < GO_ON) hold(false);
  });
}

function receive(event) {
  const bytes = new Uint8Array(event.data);
  if (bytes[0] === 0x30) draw(bytes.subarray(1));
  else if (bytes[0] === 0x31) document.title = new TextDecoder().decode(bytes.subarray(1));
}

function connect() {
  waiting = false;
  socket = new WebSocket(new URL("ws", location.href.replace(/^http/, "ws")), ["tty"]);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", receive);
  socket.addEventListener("open", () => {
    held = false;
    fit.fit();
    send(JSON.stringify({ AuthToken: "", columns: terminal.cols, rows: terminal.rows }));
    terminal.focus();
  });
  socket.addEventListener("close", () => {
    waiting = true;
    terminal.write("\\r\\n[Enter: connect again]\\r\\n");
  });
}

terminal.loadAddon(fit);
terminal.open(document.body);
terminal.onData((text) => {
  if (!waiting) send("0" + text);
  else if (text === "\\r") connect();
});
terminal.onResize(({ cols, rows }) => send("1" + JSON.stringify({ columns: cols, rows })));
addEventListener("resize", () => fit.fit());
connect();
`;

/** Drawn for PiKVM's menu, which asks for it by this name. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#000" stroke-width="2"><rect x="2" y="4" width="20" height="16" rx="2"/><path d="M6 9l4 3-4 3M12 16h6"/></svg>
`;

const SCRIPT_TYPE = "text/javascript; charset=utf-8";
const STYLE_TYPE = "text/css; charset=utf-8";

/** Files of packages, by the name that the page uses. */
const PACKAGE_FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "xterm.js": ["@xterm/xterm/lib/xterm.js", SCRIPT_TYPE],
  "xterm.css": ["@xterm/xterm/css/xterm.css", STYLE_TYPE],
  "addon-fit.js": ["@xterm/addon-fit/lib/addon-fit.js", SCRIPT_TYPE],
};

async function readPackageFile(files: FileStore, file: string): Promise<string> {
  try {
    const text = await files.read(fileURLToPath(import.meta.resolve(file)));
    if (text !== undefined) return text;
  } catch (cause) {
    throw new MissingPartError(cureOf(file), { cause });
  }
  throw new MissingPartError(cureOf(file));
}

function cureOf(file: string): string {
  const name = file.split("/", 2).join("/");
  return `The terminal's page needs the package '${name}': ${howToRestore(name)}`;
}

function sendText(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply
    .header("Content-Security-Policy", POLICY)
    .header("X-Frame-Options", "SAMEORIGIN")
    .header("Cache-Control", "no-cache")
    .type(type)
    .send(text);
}

/** Declares the page and its parts, relative to the root. */
export function terminalPageRoutes(app: FastifyInstance, files: FileStore): void {
  staticRoute(app, {
    url: TERMINAL_PATH,
    access: "admin",
    handler(request, reply) {
      const [path = "", query] = request.url.split("?", 2);
      if (path.endsWith("/")) return sendText(reply, "text/html; charset=utf-8", PAGE);
      const rest = query === undefined ? "" : `?${query}`;
      return reply.code(301).header("Location", `${TERMINAL_PATH}/${rest}`).send();
    },
  });
  staticRoute(app, {
    url: `${TERMINAL_PATH}/page.js`,
    access: "admin",
    handler: (_request, reply) => sendText(reply, SCRIPT_TYPE, SCRIPT),
  });
  for (const [name, [file, type]] of Object.entries(PACKAGE_FILES)) {
    staticRoute(app, {
      url: `${TERMINAL_PATH}/${name}`,
      access: "admin",
      handler: async (_request, reply) => sendText(reply, type, await readPackageFile(files, file)),
    });
  }
  staticRoute(app, {
    url: "/extras/webterm/terminal.svg",
    access: "viewer",
    handler: (_request, reply) => sendText(reply, "image/svg+xml", ICON),
  });
}
