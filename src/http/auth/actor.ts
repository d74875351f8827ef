import type { FastifyRequest } from "fastify";
import { plainAddress } from "../address.ts";

/** Who a request is from, for the record. Nobody is signed in on open routes: the user is empty then. */
export function actorOf({ principal, ip }: Pick<FastifyRequest, "principal" | "ip">): {
  readonly user: string;
  readonly address: string;
} {
  return { user: principal?.user ?? "", address: plainAddress(ip) };
}
