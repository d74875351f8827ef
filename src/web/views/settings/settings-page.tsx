import "../../styles/settings.css";
import type { ComponentType, JSX } from "preact";
import { Navigation } from "../../components/shell.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { settingsText } from "../../i18n/settings-text.ts";
import { lazy } from "../../lib/lazy.tsx";
import { hasPart, may } from "../../lib/session.ts";
import { AccountSettings } from "./account.tsx";

const AREAS = [
  "account",
  "configuration",
  "switches",
  "accounts",
  "tokens",
  "pairing",
  "certificate",
] as const;
type Area = (typeof AREAS)[number];

const PARTS: Readonly<Record<Area, ComponentType<{ readonly base: string }>>> = {
  account: AccountSettings,
  configuration: lazy(async () => (await import("./configuration.tsx")).ConfigurationSettings),
  switches: lazy(async () => (await import("./gpio/switches.tsx")).SwitchesSettings),
  accounts: lazy(async () => (await import("./accounts.tsx")).AccountsAdmin),
  tokens: lazy(async () => (await import("./tokens.tsx")).TokensAdmin),
  pairing: lazy(async () => (await import("./pairing.tsx")).PairingSettings),
  certificate: lazy(async () => (await import("./certificate.tsx")).CertificateSettings),
};

function areaOf(name: string): Area | undefined {
  if (name === "") return "account";
  return AREAS.find((area) => area === name);
}

/** Switches belong to a device. */
function areasOfVisitor(): readonly Area[] {
  if (!may("admin")) return ["account"];
  return AREAS.filter((area) => area !== "switches" || hasPart("device"));
}

/** Settings of this machine and of the account; `base` is the path that they are below. */
export function SettingsPage({
  base,
  area: name,
}: {
  readonly base: string;
  readonly area: string;
}): JSX.Element {
  const { t } = settingsText;
  const area = areaOf(name);
  const shown = areasOfVisitor();
  const Part = area === undefined || !shown.includes(area) ? undefined : PARTS[area];
  return (
    <div class="admin stack">
      <h1>{t("title")}</h1>
      <div class="side-nav">
        <Navigation
          label={t("title")}
          links={shown.map((one) => ({
            href: one === "account" ? base : `${base}/${one}`,
            title: t(`area.${one}`),
          }))}
        />
        {Part === undefined ? (
          <p class="empty">{commonText.t("notFound")}</p>
        ) : (
          <Part key={area} base={base} />
        )}
      </div>
    </div>
  );
}
