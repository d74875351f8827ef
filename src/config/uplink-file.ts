/** Changes to the list of uplinks in the text of a configuration file. Comments and everything else stay. */
import { isMap, isSeq, parseDocument } from "yaml";
import type { Document } from "yaml";
import { ValidationError } from "../core/errors.ts";
import type { RoleName } from "./schema.ts";

/** An uplink as it is written: what is at its default is left out. */
export type WrittenUplink =
  | {
      readonly protocol: "komari";
      readonly url: string;
      readonly token: string;
      readonly verifyTls?: boolean;
    }
  | {
      readonly protocol: "nezha";
      readonly server: string;
      readonly secret: string;
      readonly uuid: string;
      readonly tls?: boolean;
      readonly verifyTls?: boolean;
    };

/** As people write it: no line is folded, no space inside brackets. */
const LAYOUT = { lineWidth: 0, flowCollectionPadding: false };
const LIST = ["agent", "uplinks"];
const AGENT: RoleName = "agent";

/** What tells uplinks apart: address of the server, without a slash at its end. */
export function serverOf(uplink: {
  readonly protocol: string;
  readonly url?: string;
  readonly server?: string;
}): string {
  return (uplink.protocol === "komari" ? uplink.url : uplink.server)?.replace(/\/+$/, "") ?? "";
}

function parse(text: string): Document {
  const document = parseDocument(text, { version: "1.2" });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new ValidationError(`The configuration file is not valid YAML: ${error.message}`);
  }
  return document;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Position of the uplink to `server`, -1 when there is none. */
function indexOf(document: Document, server: string): number {
  const list = document.getIn(LIST);
  if (!isSeq(list)) return -1;
  return list.items.findIndex((_, index) => {
    const key = (name: string) => textOf(document.getIn([...LIST, index, name]));
    const url = key("url");
    const address = key("server");
    return (url ?? address)?.replace(/\/+$/, "") === server;
  });
}

function rolesIn(document: Document, present: readonly RoleName[]): readonly unknown[] {
  const roles = document.get("roles");
  return isSeq(roles) ? roles.items.map((_, index) => document.getIn(["roles", index])) : present;
}

/** In place, so that comments between the entries stay. */
function addRole(document: Document, present: readonly RoleName[]): void {
  const roles = rolesIn(document, present);
  if (roles.includes(AGENT)) return;
  if (isSeq(document.get("roles"))) document.addIn(["roles"], AGENT);
  else document.set("roles", document.createNode([...roles, AGENT], { flow: true }));
}

/** The text with this uplink, in the place of an earlier one to the same server, and with the role `agent`. */
export function withUplink(
  text: string,
  uplink: WrittenUplink,
  present: readonly RoleName[],
): string {
  const document = parse(text);
  const index = indexOf(document, serverOf(uplink));
  const node = document.createNode(uplink);
  if (index !== -1) document.setIn([...LIST, index], node);
  else if (isSeq(document.getIn(LIST))) document.addIn(LIST, node);
  else {
    // A section that is there but empty is null.
    if (!isMap(document.get("agent"))) document.set("agent", document.createNode({}));
    document.setIn(LIST, document.createNode([uplink]));
  }
  const list = document.getIn(LIST);
  // `uplinks: []` would put everything on one line.
  if (isSeq(list)) list.flow = false;
  addRole(document, present);
  return document.toString(LAYOUT);
}

/** The text without the uplink to `server`, and without the role when that was the last; undefined when there is none. */
export function withoutUplink(text: string, server: string): string | undefined {
  const document = parse(text);
  const index = indexOf(document, server.replace(/\/+$/, ""));
  if (index === -1) return undefined;
  document.deleteIn([...LIST, index]);
  const list = document.getIn(LIST);
  const roles = document.get("roles");
  if (isSeq(list) && list.items.length === 0) {
    document.setIn(LIST, document.createNode([], { flow: true }));
    const at = rolesIn(document, []).indexOf(AGENT);
    if (isSeq(roles) && at !== -1 && roles.items.length > 1) document.deleteIn(["roles", at]);
  }
  return document.toString(LAYOUT);
}
