import type { ServerResponse } from "node:http";
import type { LogBuffer } from "../../proxy/log-buffer.ts";

/** Resolves when the response takes more, or is over. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      response.off("drain", finish);
      response.off("close", finish);
      resolve();
    };
    response.on("drain", finish);
    response.on("close", finish);
  });
}

/**
 * Writes the core's log line by line until the core is ended or the reader goes away. A slow reader slows nobody
 * else. The content type is the stock node's, the framing also: a line and a newline, nothing before or between.
 */
export async function sendLog(response: ServerResponse, lines: LogBuffer): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => {
    gone.abort();
  });
  response.on("error", () => undefined);
  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache",
    Connection: "keep-alive",
  });
  response.flushHeaders();
  for await (const batch of lines.read(gone.signal)) {
    if (!response.write(`${batch.join("\n")}\n`)) await drained(response);
  }
  response.end();
}
