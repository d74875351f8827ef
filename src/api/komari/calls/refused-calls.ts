/**
 * What front ends of this dialect have buttons for and this server does not do (Komari 2.4). Lists are empty, and acts
 * say what to do instead: nothing pretends to have worked.
 */
import { ValidationError } from "../../../core/errors.ts";
import { adminCall } from "./admin-parts.ts";
import { NotOfferedError } from "./call.ts";
import type { CallTable, KomariCall } from "./call.ts";

const refused = (message: string): KomariCall =>
  adminCall(`Not offered: ${message}`, () => {
    throw new NotOfferedError(message);
  });

const empty = (what: string): KomariCall => adminCall(`None: ${what}`, () => []);

const ALERTS = "Channels and reports are set up on the hub's own pages, under /fleet";
const THEMES = "Themes are put into the folder hub.themes.path on this machine, not sent to it";
const PLUGINS = "There are no plugins";
const TOTP = "One-time codes are switched on and off with 'farhand totp' on this machine";
const OIDC = "Sign-in with other accounts is set up in the configuration file";
const CLIPBOARD = "There is no shared clipboard";

export function refusedCalls(): CallTable {
  return {
    "admin:listTrafficReportNotifications": empty("reports are on the hub's own pages"),
    "admin:editTrafficReportNotifications": refused(ALERTS),
    "admin:enableTrafficReportNotifications": refused(ALERTS),
    "admin:disableTrafficReportNotifications": refused(ALERTS),
    "admin:getMessageSenderProvider": adminCall("None: channels are elsewhere", () => ({})),
    "admin:setMessageSenderProvider": refused(ALERTS),
    "admin:getOidcProvider": adminCall("None: set in the configuration file", () => ({})),
    "admin:setOidcProvider": refused(OIDC),
    "admin:bindExternalAccount": refused(OIDC),
    "admin:unbindExternalAccount": refused(OIDC),
    "admin:totp": refused(TOTP),
    "admin:listClipboard": empty("there is no shared clipboard"),
    "admin:createClipboard": refused(CLIPBOARD),
    "admin:updateClipboard": refused(CLIPBOARD),
    "admin:deleteClipboard": refused(CLIPBOARD),
    "admin:batchDeleteClipboard": refused(CLIPBOARD),
    "admin:changeThemes": refused(THEMES),
    "admin:listThemeMarket": empty("themes are not fetched from anywhere"),
    "admin:listPlugins": empty("there are no plugins"),
    "admin:changePlugins": refused(PLUGINS),
    "admin:favicon": refused("The icon is the theme's own"),
    "admin:updateMmdb": refused("There is no database of places"),
    "admin:testGeoip": adminCall("Not offered: places are not looked up", () => {
      // The words of the original for a server on which it is switched off.
      throw new ValidationError("GeoIP is not enabled in the configuration.");
    }),
    "admin:clearRecords": refused("Load and pings are one history: /api/admin/record/clear/all"),
    "admin:vacuumDatabase": refused("The database gives space back by itself"),
    "admin:backup": refused("Use 'farhand backup' on this machine, or the hub's own pages"),
  };
}
