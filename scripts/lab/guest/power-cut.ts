// What the machine does whose power is cut: on every start it shows that nothing was lost, then keeps a key pressed and
// changes accounts and images until the host pulls the plug. The story is told in host/power-cut.mjs.
import { createHash, randomBytes } from "node:crypto";
import { addAccount, findMissing } from "./accounts.ts";
import { call, get, openWs } from "./api.ts";
import { readChip } from "./chip.ts";
import { startDaemon } from "./daemon.ts";
import { ask } from "./http.ts";
import { readKept, SettingsWriter } from "./settings-writer.ts";
import { until } from "./wait.ts";

/** What the host knows from before the cut. */
export interface PowerCutTask {
  readonly round: number;
  readonly isLast: boolean;
  readonly accounts: readonly string[];
  /** Number of the newest change of a setting. */
  readonly setting: number;
  /** Name and SHA-256 of completed uploads. */
  readonly images: readonly (readonly [name: string, digest: string])[];
}

const IMAGE_BYTES = 512 << 10;
const USAGE_A = 4;

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

interface ImageState {
  readonly complete: boolean;
}

/** What is wrong; empty when nothing is. */
async function findLosses({ accounts, setting, images }: PowerCutTask): Promise<readonly string[]> {
  const losses: string[] = [];
  const kept = (await readKept())?.number ?? 0;
  if (kept < setting) losses.push(`setting ${setting}, it is ${kept}`);
  const missing = findMissing(accounts);
  if (missing.length > 0) losses.push(`accounts ${missing.join(", ")}`);
  const { status } = await call("GET", "/api/auth/check");
  if (status !== 200) losses.push(`the owner is answered with ${status}`);
  const { storage } = await get<{ storage: { images: Record<string, ImageState> } }>("/api/msd");
  for (const [name, wanted] of images) {
    const { bytes } = await call("GET", `/api/msd/read?image=${name}`);
    if (digest(bytes) !== wanted) losses.push(`image ${name}`);
  }
  const known = new Set(images.map(([name]) => name));
  for (const [name, { complete }] of Object.entries(storage.images)) {
    if (known.has(name) || !complete) continue;
    // Its last byte was written, only the answer did not arrive: then it has to be whole.
    const { bytes } = await call("GET", `/api/msd/read?image=${name}`);
    if (bytes.length !== IMAGE_BYTES) losses.push(`image ${name} is called complete`);
  }
  return losses;
}

async function holdKey(): Promise<void> {
  const ws = await openWs();
  await until("the key is down", async () => {
    ws.send("key", { key: "KeyA", state: true });
    return (await readChip()).target.keys.includes(USAGE_A);
  });
}

/** Never ends by itself. */
async function uploadForEver(controlUrl: string, round: number): Promise<void> {
  for (let number = 1; ; number += 1) {
    const name = `round${round}-${number}.img`;
    const content = randomBytes(IMAGE_BYTES);
    const { status } = await call("POST", `/api/msd/write?image=${name}`, { body: content });
    if (status === 200) await ask(`${controlUrl}/image`, [name, digest(content)]);
  }
}

/** Resolves after the last cut only. */
export async function servePowerCut(controlUrl: string): Promise<void> {
  const task = await ask<PowerCutTask>(`${controlUrl}/started`, {});
  await startDaemon();
  await until("the key of before the cut is let go", async () => {
    return (await readChip()).target.keys.length === 0;
  });
  const losses = await findLosses(task);
  await ask(`${controlUrl}/checked`, losses);
  if (task.isLast) return;
  await holdKey();
  new SettingsWriter().start((number) => ask(`${controlUrl}/setting`, [number]));
  const account = `round${task.round}`;
  await ask(`${controlUrl}/holding`, {});
  const uploading = uploadForEver(controlUrl, task.round);
  if (await addAccount(account)) await ask(`${controlUrl}/account`, [account]);
  await uploading;
}
