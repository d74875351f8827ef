// The board as it is seen from outside.
import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

/** Emulated processors are slow, and this computer may be busy. */
const PATIENCE_MS = 120_000;

/** @typedef {{ status: number, body: string, certificate: string }} Answer */

export class Client {
  #port;
  #password = "";

  /** @param {number} port */
  constructor(port) {
    this.#port = port;
  }

  /** @param {string} password */
  as(password) {
    const client = new Client(this.#port);
    client.#password = password;
    return client;
  }

  /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<Answer>} */
  ask(method, path, body) {
    const text = body === undefined ? "" : JSON.stringify(body);
    const credentials =
      this.#password === "" ? {} : { "X-KVMD-User": "admin", "X-KVMD-Passwd": this.#password };
    const content = text === "" ? {} : { "content-type": "application/json" };
    const headers = { ...credentials, ...content };
    const place = { host: "127.0.0.1", port: this.#port, method, path, headers, agent: false };
    return new Promise((resolve, reject) => {
      const asked = request({ ...place, rejectUnauthorized: false }, (answer) => {
        const certificate = peerOf(asked);
        let said = "";
        answer.setEncoding("utf8");
        answer.on("data", (part) => {
          said += String(part);
        });
        answer.once("end", () => {
          resolve({ status: answer.statusCode ?? 0, body: said, certificate });
        });
      });
      asked.setTimeout(PATIENCE_MS, () => {
        asked.destroy(new Error(`${path}: no answer in time`));
      });
      asked.once("error", reject);
      asked.end(text);
    });
  }
}

/** Fingerprint of the certificate. @param {import("node:http").ClientRequest} asked */
function peerOf(asked) {
  const socket = /** @type {import("node:tls").TLSSocket} */ (asked.socket);
  return socket.getPeerCertificate().fingerprint256;
}

/** The key by which SSH knows the board, whose server may begin after ours; empty without one. @param {number} port */
export async function hostKey(port) {
  const args = ["-T", "60", "-t", "ed25519", "-p", String(port), "127.0.0.1"];
  const limit = performance.now() + PATIENCE_MS;
  for (;;) {
    const { stdout } = spawnSync("ssh-keyscan", args, { encoding: "utf8" });
    const key = /ssh-ed25519 (\S+)/.exec(stdout)?.[1] ?? "";
    if (key !== "" || performance.now() > limit) return key;
    await sleep(1000);
  }
}

/** The emulated board's way to this computer. */
const HOST_SEEN_FROM_BOARD = "10.0.2.2";

/** A Komari server's answer to a node that registers itself. */
const REGISTERED = JSON.stringify({
  status: "success",
  message: "",
  data: { uuid: "11111111-2222-3333-4444-555555555555", token: "token-of-the-board" },
});

/** A monitoring server that accepts everybody; tells which paths it was asked for. */
export async function monitoringServer() {
  /** @type {string[]} */
  const asked = [];
  const server = createServer((message, answer) => {
    asked.push(message.url ?? "");
    message.resume();
    answer.setHeader("content-type", "application/json").end(REGISTERED);
  });
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve(undefined);
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    asked,
    url: `http://${HOST_SEEN_FROM_BOARD}:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
