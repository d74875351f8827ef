/** Settings of the site, themes and the storage as admins see and change them (Komari 2.4, 2.5). */
import { ValidationError } from "../../../core/errors.ts";
import type { SiteValues } from "../../../hub/site-settings.ts";
import { adminCall, record } from "./admin-parts.ts";
import type { AdminParts } from "./admin-parts.ts";
import { NotOfferedError } from "./call.ts";
import type { CallTable, Caller, Params } from "./call.ts";
import { isTree, textOf } from "./params.ts";

/** What can be changed here, and its place. */
const WRITABLE: Readonly<Record<string, keyof SiteValues>> = {
  sitename: "siteName",
  description: "description",
  custom_head: "customHead",
  custom_body: "customBody",
  private_site: "isPrivate",
  send_ip_addr_to_guest: "showsMaskedAddresses",
};

/** What front ends show beside it: set elsewhere, or nothing that this server does. */
const FIXED: Params = {
  api_key: "",
  auto_discovery_key: "",
  base_scripts_url: "",
  cors_allowed_origins: "",
  cors_origin_check_enabled: true,
  disable_password_login: false,
  email_host: "",
  email_password: "",
  email_port: 587,
  email_receiver: "",
  email_sender: "",
  email_use_ssl: true,
  email_username: "",
  eula_accepted: true,
  expire_notification_enabled: false,
  expire_notification_lead_days: 7,
  geo_ip_enabled: false,
  geo_ip_provider: "empty",
  login_notification: false,
  notification_enabled: false,
  notification_method: "empty",
  notification_template: "",
  o_auth_client_id: "",
  o_auth_client_secret: "",
  o_auth_enabled: false,
  o_auth_provider: "",
  record_enabled: true,
  script_domain: "",
  telegram_bot_token: "",
  telegram_chat_id: "",
  telegram_endpoint: "",
  tempory_share_token: "",
  tempory_share_token_expire_at: 0,
  traffic_limit_percentage: 80,
  visitor_audit_enabled: false,
  ws_allowed_origins: "",
  ws_origin_check_enabled: true,
};

/** How the web terminal looks as long as nobody has said anything else. */
const TERMINAL_LOOK: Params = {
  terminalOptions: {
    cursorBlink: true,
    convertEol: true,
    fontFamily: "monospace",
    fontSize: 16,
    macOptionIsMeta: true,
    scrollback: 5000,
    theme: null,
  },
  terminalPadding: 16,
  transparentBackground: false,
  customCss: "",
};

/** Of the row that old servers kept them in. */
const ROW: Params = { id: 1, CreatedAt: "0001-01-01T00:00:00Z", UpdatedAt: "0001-01-01T00:00:00Z" };

function settings({ hub, config }: AdminParts): Params {
  const { values } = hub.site;
  const { minuteDays, hourDays } = config.hub.storage;
  const own = Object.entries(WRITABLE).map(([key, name]) => [key, values[name]] as const);
  return {
    ...ROW,
    ...FIXED,
    ...Object.fromEntries(own),
    allow_cors: config.http.allowedOrigins.length > 0,
    theme: config.hub.themes.active === "" ? "default" : config.hub.themes.active,
    record_preserve_time: hourDays * 24,
    ping_record_preserve_time: minuteDays * 24,
  };
}

/** Nothing, as far as a setting that is not there can be set. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || value === false || value === 0;

/** Front ends send all settings for a change of one: those that stay as they are do not matter. */
function changesOf(parts: AdminParts, params: Params): Partial<SiteValues> {
  const current = settings(parts);
  const changes: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(params)) {
    const name = WRITABLE[key];
    if (name !== undefined) {
      if (typeof value !== typeof current[key]) throw new ValidationError(`${key} is not valid`);
      if (value !== current[key]) changes[name] = value;
      continue;
    }
    const isSame = key in current ? value === current[key] : isEmpty(value);
    if (!isSame && !(key in ROW)) {
      throw new NotOfferedError(`${key} cannot be changed here; see the hub's configuration file`);
    }
  }
  return changes;
}

async function editSettings(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const changes = changesOf(parts, params);
  const names = Object.keys(changes);
  if (names.length === 0) return;
  const act = { action: "site.edit", detail: names.join(", ") };
  await record(parts, caller, act, () => parts.hub.site.change(changes));
}

async function saveTerminalLook(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const act = { action: "site.edit", detail: "terminalLook" };
  const terminalLook = JSON.stringify(params);
  await record(parts, caller, act, () => parts.hub.site.change({ terminalLook }));
}

/** What can be chosen is what its owner has put into the folder. */
function setTheme({ config }: AdminParts, params: Params): Params {
  const theme = textOf(params, "theme");
  const active = config.hub.themes.active === "" ? "default" : config.hub.themes.active;
  if (theme === active) return { theme };
  throw new NotOfferedError(
    "The theme is chosen in the configuration file: hub.themes.path and hub.themes.active",
  );
}

async function saveThemeSettings(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const { theme, ...values } = params;
  const name = typeof theme === "string" ? theme : "";
  if (parts.themes.themes.every(({ short }) => short !== name)) {
    throw new ValidationError("There is no theme of that name");
  }
  await record(parts, caller, { action: "site.theme", detail: name }, () =>
    parts.hub.site.setThemeSettings(name, JSON.stringify(values)),
  );
}

/** The whole history of all nodes; the original keeps the two kinds apart. */
async function clearAllRecords(parts: AdminParts, caller: Caller): Promise<void> {
  const { hub } = parts;
  await record(parts, caller, { action: "history.clear", detail: "of all nodes" }, async () => {
    for (const { id } of hub.registry.nodes) await hub.series.forgetNode(id);
  });
}

async function databaseSize({ hub }: AdminParts): Promise<Params> {
  const { fileBytes, logBytes } = await hub.storage.figures();
  const size = fileBytes + logBytes;
  const main = { driver: "sqlite", location: "local", size, action: "none" };
  return { type: "sqlite", size, main, monitoring: { ...main, size: 0 }, local_total: size };
}

export function adminSiteCalls(parts: AdminParts): CallTable {
  const { hub, themes } = parts;
  return {
    "admin:getSettings": adminCall("All settings", () => settings(parts)),
    "admin:editSettings": adminCall("Changes settings", (params, caller) =>
      editSettings(parts, params, caller),
    ),
    "admin:getXtermjsSettings": adminCall("How the web terminal looks", (): unknown => {
      const look: unknown = JSON.parse(hub.site.values.terminalLook);
      return { ...TERMINAL_LOOK, ...(isTree(look) ? look : {}) };
    }),
    "admin:setXtermjsSettings": adminCall("How the web terminal is to look", (params, caller) =>
      saveTerminalLook(parts, params, caller),
    ),
    "admin:listThemes": adminCall("Installed themes", () =>
      themes.themes.map(({ manifest }) => manifest),
    ),
    "admin:setTheme": adminCall("Confirms the theme that is configured", (params) =>
      setTheme(parts, params),
    ),
    "admin:setThemeSettings": adminCall("Settings of a theme", (params, caller) =>
      saveThemeSettings(parts, params, caller),
    ),
    "admin:clearAllRecords": adminCall("Removes the history of all nodes", (_params, caller) =>
      clearAllRecords(parts, caller),
    ),
    "admin:getDatabaseSize": adminCall("How large the database is", () => databaseSize(parts)),
  };
}
