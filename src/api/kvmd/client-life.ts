import type { FastifyReply, FastifyRequest } from "fastify";

/**
 * Aborted when the client is gone, also when it left before the handler began: checking a password takes a while. The
 * connection is watched beside the answer, because an answer that waits for its turn on the connection never closes.
 */
export function clientLife({ raw }: FastifyRequest, { raw: answer }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const { socket } = raw;
  const leave = (): void => {
    socket.off("close", leave);
    controller.abort();
  };
  answer.once("close", leave);
  socket.once("close", leave);
  if (socket.destroyed || answer.destroyed) leave();
  return controller.signal;
}
