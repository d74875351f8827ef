import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface PeerRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface PeerReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpPeer {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly PeerRequest[];
}

/** A web server on the loopback address that remembers what it was asked. A reply of undefined is never sent. */
export async function httpPeer(
  answer: (request: PeerRequest) => PeerReply | undefined,
): Promise<HttpPeer> {
  const requests: PeerRequest[] = [];
  const server = createServer((message, response) => {
    let body = "";
    message.setEncoding("utf8");
    message.on("data", (chunk: string) => {
      body += chunk;
    });
    message.once("end", () => {
      const { method = "", url: path = "", headers } = message;
      const request = { method, path, headers, body };
      requests.push(request);
      const reply = answer(request);
      if (reply === undefined) return;
      response.writeHead(reply.status ?? 200, reply.headers);
      response.end(reply.body ?? "");
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, requests };
}
