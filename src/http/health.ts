import type { FastifyInstance } from "fastify";

export interface HealthReport {
  /** Whether the daemon serves what it is configured for. Absent hardware is a state of a subsystem, not unready. */
  readonly ready: boolean;
  readonly roles: readonly string[];
  /** One short word or figure a subsystem; everybody may read this. */
  readonly subsystems: Readonly<Record<string, unknown>>;
}

/** `GET /health`, public: 200 when ready and 503 before. */
export function healthRoutes(
  app: FastifyInstance,
  { report }: { readonly report: () => HealthReport },
): void {
  app.route({
    method: ["GET", "HEAD"],
    url: "/health",
    config: { access: "public" },
    handler: (_request, reply) => {
      const { ready, roles, subsystems } = report();
      return reply
        .code(ready ? 200 : 503)
        .header("Cache-Control", "no-store")
        .send({ ok: ready, ready, roles, subsystems });
    },
  });
}
