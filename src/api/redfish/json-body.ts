import type { FastifyRequest } from "fastify";
import { bodyText } from "../kvmd/body.ts";

/** The members of a JSON object, whatever the content type says; undefined when the body is none. */
export function jsonBody(request: FastifyRequest): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(bodyText(request.body));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}
