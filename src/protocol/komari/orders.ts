/** What a server asks of an agent, as text frames of either version (Komari 1.7, 1.8). */

export type Order =
  | {
      readonly kind: "ping";
      readonly task: number;
      readonly type: "icmp" | "tcp" | "http";
      readonly target: string;
    }
  | { readonly kind: "command"; readonly run: string; readonly command: string }
  | { readonly kind: "terminal"; readonly stream: string };

export interface OrderMethod {
  readonly method: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** Method and parameters of version 2. */
export function orderMethod(order: Order): OrderMethod {
  switch (order.kind) {
    case "ping": {
      const { task, type, target } = order;
      const params = { ping_task_id: task, ping_type: type, ping_target: target };
      return { method: "agent.ping", params };
    }
    case "command":
      return { method: "agent.exec", params: { task_id: order.run, command: order.command } };
    case "terminal":
      return { method: "agent.terminal.request", params: { request_id: order.stream } };
  }
}

function frame1(order: Order): object {
  switch (order.kind) {
    case "ping": {
      const { task, type, target } = order;
      return { ping_task_id: task, message: "ping", ping_type: type, ping_target: target };
    }
    case "command":
      return { message: "exec", command: order.command, task_id: order.run };
    case "terminal":
      return { message: "terminal", request_id: order.stream };
  }
}

/** Stock servers ask for a terminal in the shape of version 1 on either socket, and so does this. */
export function orderText(order: Order, version: 1 | 2): string {
  const isOld = version === 1 || order.kind === "terminal";
  return JSON.stringify(isOld ? frame1(order) : { jsonrpc: "2.0", ...orderMethod(order) });
}
