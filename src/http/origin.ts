/**
 * Pages of other sites must not act through a browser that is signed in here. Programs other than browsers send no
 * Origin and are not affected.
 */
import { ForbiddenError } from "./auth/errors.ts";

/** The part of a request the check looks at; a Fastify request is one. */
export interface OriginRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As the client saw it, trusted proxies taken into account. */
  readonly protocol: string;
  /** With the port. */
  readonly host: string;
}

function originOf(text: string): string | undefined {
  try {
    const { origin } = new URL(text);
    return origin === "null" ? undefined : origin;
  } catch {
    return undefined;
  }
}

export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;

  constructor(allowedOrigins: Iterable<string>) {
    this.#allowed = new Set(Array.from(allowedOrigins, (text) => originOf(text) ?? text));
  }

  /** Throws `ForbiddenError` when an Origin is present that is neither the device's own nor an allowed one. */
  check({ headers, protocol, host }: OriginRequest): void {
    const { origin: header } = headers;
    if (typeof header !== "string") return;
    const origin = originOf(header);
    const scheme = protocol === "https" || protocol === "wss" ? "https" : "http";
    if (origin !== undefined && origin === originOf(`${scheme}://${host}`)) return;
    if (origin !== undefined && this.#allowed.has(origin)) return;
    throw new ForbiddenError(
      `Origin '${header}' is not this device: behind a proxy set http.trustedProxies, for another site http.allowedOrigins`,
    );
  }

  /** For changes that a cookie authorizes: without an Origin the browser's own word on where the request is from counts. */
  checkMutation(request: OriginRequest): void {
    this.check(request);
    const { origin, "sec-fetch-site": site } = request.headers;
    if (origin !== undefined || site === undefined) return;
    if (site === "same-origin" || site === "none") return;
    throw new ForbiddenError("The request comes from a page of another site");
  }
}
