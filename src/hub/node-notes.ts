import { ValidationError } from "../core/errors.ts";
import { cleanLine } from "../core/clean-line.ts";
import { TRAFFIC_LIMIT_TYPES } from "./registry.ts";
import type { NodeNotes } from "./registry.ts";
import type { NodeFacts } from "./report.ts";

const MAX_TEXT = 256;
const MAX_REMARK = 8192;
const MAX_TAGS = 64;
const MAX_SYSTEM = 64;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const NO_NOTES: NodeNotes = {
  name: "",
  group: "",
  tags: [],
  isHidden: false,
  weight: 0,
  remark: "",
  publicRemark: "",
  region: "",
  price: 0,
  currency: "$",
  billingCycleDays: 0,
  isAutoRenewal: false,
  expiresAt: undefined,
  trafficLimitBytes: 0,
  trafficLimitType: "max",
};

/** Of a node that nobody has named: all that is known at first. */
export function firstName(uuid: string): string {
  return uuid.slice(0, 8);
}

/** For a node that nobody has named yet, from what it tells about itself; agents without a host name tell no better. */
export function nameFromFacts(
  { name, uuid }: { readonly name: string; readonly uuid: string },
  { platform }: NodeFacts,
): string {
  const system = cleanLine(platform, MAX_SYSTEM);
  return name !== firstName(uuid) || system === "" ? name : `${system} ${uuid.slice(0, 4)}`;
}

function demand(isRight: boolean, message: string): void {
  if (!isRight) throw new ValidationError(message);
}

function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

/** Throws `ValidationError` that names the field. */
export function checkNotes(notes: NodeNotes): NodeNotes {
  const { name, group, tags, remark, publicRemark, region, currency, expiresAt } = notes;
  demand(name.trim() !== "", "A node needs a name");
  for (const [field, text] of Object.entries({ name, group, region, currency })) {
    demand(text.length <= MAX_TEXT, `The ${field} is longer than ${MAX_TEXT} characters`);
  }
  demand(
    remark.length <= MAX_REMARK && publicRemark.length <= MAX_REMARK,
    "The remark is too long",
  );
  demand(tags.length <= MAX_TAGS, `There are more than ${MAX_TAGS} tags`);
  demand(
    tags.every((tag) => tag.length <= MAX_TEXT),
    "A tag is too long",
  );
  demand(Number.isSafeInteger(notes.weight), "The weight is not a whole number");
  demand(isAmount(notes.price) || notes.price === -1, "The price is neither -1 nor 0 or more");
  const cycle = notes.billingCycleDays;
  demand(Number.isSafeInteger(cycle) && cycle >= -1, "The billing cycle is not -1 or days");
  demand(isAmount(notes.trafficLimitBytes), "The traffic limit is not 0 or more");
  demand(TRAFFIC_LIMIT_TYPES.includes(notes.trafficLimitType), "There is no such traffic limit");
  demand(expiresAt === undefined || Number.isSafeInteger(expiresAt), "The expiry is not a time");
  return notes;
}

/** In lower case. Throws `ValidationError`. */
export function checkUuid(uuid: string): string {
  demand(UUID.test(uuid), "The identity of a node is not a UUID");
  return uuid.toLowerCase();
}
