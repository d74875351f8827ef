import { X509Certificate } from "node:crypto";
import { StorageError } from "../../core/errors.ts";
import { isSelfSigned, loadTlsFiles, selfSignedPaths, TlsFilesError } from "../../http/tls.ts";
import { proxyTlsPaths } from "../../roles/proxy-credentials.ts";
import { fine } from "./finding.ts";
import type { DoctorContext, DoctorFinding } from "./finding.ts";
import { SERVICE, subjectOf } from "./system.ts";

const CHECK = "tls";
const DAY_MS = 24 * 60 * 60 * 1000;
/** Who renews certificates does it some weeks before. */
const SOON_MS = 14 * DAY_MS;

interface Pair {
  /** Section of the configuration that it belongs to. */
  readonly section: string;
  readonly cert: string;
  readonly key: string;
  /** Made here; what cannot be used is made anew at the next start. */
  readonly isOwn: boolean;
  /** How people renew it; undefined where the daemon does so. */
  readonly renewal: string | undefined;
}

const REPLACE =
  "Put a renewed certificate and its key in their place: they are used within a minute";
const PANEL =
  "When it is over, 'farhand pair --pasarguard' makes another one: enter that in the panel";

/** Of the HTTP server, and of the agents' port where that has one of its own; undefined when neither is encrypted. */
function serverPair({ config }: DoctorContext): Pair | undefined {
  const { http, hub, roles, dataDir } = config;
  const { mode, cert, key } = http.tls;
  if (mode === "files") {
    return { section: "http.tls", cert, key, isOwn: false, renewal: REPLACE };
  }
  const { listen, tls } = hub.nezha;
  const isForAgents = roles.includes("hub") && listen !== "" && tls;
  if (mode === "off" && !isForAgents) return undefined;
  const section = mode === "off" ? "hub.nezha.tls" : "http.tls";
  return { section, ...selfSignedPaths(dataDir), isOwn: true, renewal: undefined };
}

function panelPair({ config }: DoctorContext): Pair | undefined {
  if (!config.roles.includes("proxy")) return undefined;
  const { cert, key } = config.proxy.tls;
  const isOwn = cert === "" && key === "";
  const renewal = isOwn ? PANEL : REPLACE;
  return { section: "proxy.tls", ...proxyTlsPaths(config), isOwn, renewal };
}

/** Which of both the service may not read, when root asks; root itself reads everything. */
async function hiddenFile({ cert, key }: Pair, context: DoctorContext) {
  const { process } = context.platform;
  const { uid } = await subjectOf(context);
  if (uid !== undefined || (await process.which("setpriv")) === undefined) return undefined;
  const asService = ["--reuid", SERVICE, "--regid", SERVICE, "--init-groups"];
  for (const path of [cert, key]) {
    const { exitCode, stderr } = await process.run("setpriv", [...asService, "test", "-r", path]);
    if (exitCode === 1 && stderr === "") return path;
  }
  return undefined;
}

/** How long what can be used can be used. */
function judge({ section, cert, renewal }: Pair, pem: string, now: number): DoctorFinding {
  const endsAt = Date.parse(new X509Certificate(pem).validTo);
  const isOver = endsAt <= now;
  const signer = isSelfSigned(pem) ? ", self-signed" : "";
  const end = `${isOver ? "ended" : "ends"} on ${new Date(endsAt).toISOString().slice(0, 10)}`;
  const message = `${section}: ${cert}${signer}, ${end}`;
  if (renewal === undefined || endsAt > now + SOON_MS) return fine(CHECK, message);
  return { check: CHECK, level: isOver ? "missing" : "warn", message, cure: renewal };
}

async function checkPair(pair: Pair, context: DoctorContext): Promise<DoctorFinding> {
  const { files, clock } = context.platform;
  const { section, isOwn } = pair;
  const broken = (reason: string, cure: string): DoctorFinding => ({
    check: CHECK,
    level: "missing",
    message: `${section}: ${reason}`,
    cure,
  });
  const permit = `Let the account of the daemon read both files: sudo chown ${SERVICE} FILE`;
  try {
    const { cert } = await loadTlsFiles({ ...pair, files });
    const hidden = await hiddenFile(pair, context);
    if (hidden === undefined) return judge(pair, cert, clock.now());
    return broken(`the account ${SERVICE} may not read ${hidden}`, permit);
  } catch (error) {
    if (error instanceof StorageError) return broken(error.message, permit);
    if (!(error instanceof TlsFilesError)) throw error;
    if (isOwn) return fine(CHECK, `${section}: made at the next start, there is none yet`);
    return broken(error.message, `Correct ${section}.cert and ${section}.key, or the files`);
  }
}

/** The certificates with their keys that this configuration uses. */
export async function checkCertificates(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const pairs = [serverPair(context), panelPair(context)].filter((pair) => pair !== undefined);
  return Promise.all(pairs.map((pair) => checkPair(pair, context)));
}
