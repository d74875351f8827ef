/** `/native/tls`: the certificate of the HTTP server. */
import type { FastifyInstance } from "fastify";
import { X509Certificate, createPrivateKey } from "node:crypto";
import { join } from "node:path";
import type { Config } from "../../config/schema.ts";
import type { SettingsKeeper } from "../../config/settings.ts";
import type { Clock } from "../../core/clock.ts";
import { ValidationError, describeError } from "../../core/errors.ts";
import type { FollowedTls } from "../../http/followed-tls.ts";
import { demandUsable } from "../../http/tls.ts";
import type { FileStore } from "../../platform/files/port.ts";
import type { TlsView } from "../../protocol/native/settings.ts";
import { TlsBody } from "./body.ts";
import type { Recorder } from "../../http/auth/recorder.ts";

export interface CertificateOptions {
  readonly config: Config;
  readonly files: FileStore;
  readonly settings: SettingsKeeper | undefined;
  /** The certificate in use; undefined without one. */
  readonly tls: FollowedTls | undefined;
  readonly record: Recorder;
  readonly clock: Clock;
}

function viewOf(pem: string): NonNullable<TlsView["certificate"]> {
  const { subject, issuer, validFrom, validTo, fingerprint256, subjectAltName } =
    new X509Certificate(pem);
  return {
    subject,
    issuer,
    from: Date.parse(validFrom),
    to: Date.parse(validTo),
    fingerprint: fingerprint256,
    names: (subjectAltName ?? "").split(", ").filter((name) => name !== ""),
  };
}

/** Throws `ValidationError` unless they belong together. */
function demandPair({ certificate, key }: TlsBody, now: number): void {
  let parsed: X509Certificate;
  let isPair: boolean;
  try {
    parsed = new X509Certificate(certificate);
    isPair = parsed.checkPrivateKey(createPrivateKey(key));
    if (isPair) demandUsable({ cert: certificate, key });
  } catch (cause) {
    throw new ValidationError(`This is no certificate with its key: ${describeError(cause)}`, {
      cause,
    });
  }
  if (!isPair) throw new ValidationError("The key is not that of the certificate");
  if (Date.parse(parsed.validTo) < now) throw new ValidationError("The certificate has expired");
}

export function certificateRoutes(app: FastifyInstance, options: CertificateOptions): void {
  const { config, files, settings, tls, record, clock } = options;
  app.route({
    method: "GET",
    url: "/tls",
    config: { access: "admin" },
    handler: (): TlsView => ({
      mode: config.http.tls.mode,
      certificate: tls === undefined ? null : viewOf(tls.material.value.cert),
      problem: tls?.problem ?? null,
    }),
  });
  if (settings === undefined) return;
  app.route<{ Body: TlsBody }>({
    method: "PUT",
    url: "/tls",
    schema: { body: TlsBody },
    config: { access: "admin" },
    handler(request) {
      demandPair(request.body, clock.now());
      const cert = join(config.dataDir, "tls", "own.crt");
      const key = join(config.dataDir, "tls", "own.key");
      return record(request, { action: "tls.change" }, async () => {
        await files.writeAtomic(key, request.body.key, { mode: 0o600 });
        await files.writeAtomic(cert, request.body.certificate, { mode: 0o644 });
        // Where these files are in use already, no setting changes, and nothing begins anew.
        await tls?.look();
        return settings.change(
          new Map([
            ["http.tls.mode", "files"],
            ["http.tls.cert", cert],
            ["http.tls.key", key],
          ]),
        );
      });
    },
  });
}
