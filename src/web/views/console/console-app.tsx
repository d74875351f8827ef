import "../../styles/console.css";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Navigation, Page, Shell } from "../../components/shell.tsx";
import { Notice } from "../../components/toast.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { consoleText } from "../../i18n/console-text.ts";
import { showIdentity } from "../../lib/identity.ts";
import { lazy } from "../../lib/lazy.tsx";
import { path, segmentsBelow } from "../../lib/router.ts";
import { may } from "../../lib/session.ts";
import { ConsoleView } from "./console-view.tsx";
import { connectDevice } from "./device-link.ts";
import { info } from "./device-state.ts";
import { PeopleButton } from "./people-sign.tsx";
import { isBareView } from "./picture/capture.ts";
import { Toolbar } from "./toolbar.tsx";

const BASE = "/console";

const LogPage = lazy(async () => (await import("./log-page.tsx")).LogPage);
const TerminalPage = lazy(async () => (await import("./terminal-page.tsx")).TerminalPage);

const SettingsPage = lazy(async () => (await import("../settings/settings-page.tsx")).SettingsPage);

function NotFound(): JSX.Element {
  return (
    <Page>
      <Notice tone="warn">{commonText.t("notFound")}</Notice>
    </Page>
  );
}

function links(): readonly { readonly href: string; readonly title: string }[] {
  const { t } = consoleText;
  const all = [{ href: BASE, title: commonText.t("app.console") }];
  if (may("operator")) all.push({ href: `${BASE}/log`, title: t("page.log") });
  if (may("admin") && info.value.hasTerminal) {
    all.push({ href: `${BASE}/terminal`, title: t("page.terminal") });
  }
  return all;
}

function PageBar(): JSX.Element {
  return (
    <div class="grow row">
      <Navigation label={consoleText.t("pages")} links={links()} />
    </div>
  );
}

/** The bars above a page: what can be done with the picture, or where else to go. */
function Bar({ isPicture }: { readonly isPicture: boolean }): JSX.Element {
  return (
    <>
      {isPicture ? <Toolbar /> : <PageBar />}
      <PeopleButton />
    </>
  );
}

function PageFor({
  first,
  second = "",
}: {
  readonly first: string | undefined;
  readonly second: string | undefined;
}): JSX.Element {
  if (first === undefined) return <ConsoleView />;
  if (first === "settings") {
    return (
      <Page>
        <SettingsPage base={`${BASE}/settings`} area={second} />
      </Page>
    );
  }
  if (first === "log" && may("operator")) return <LogPage />;
  return first === "terminal" && may("admin") ? <TerminalPage /> : <NotFound />;
}

/** The device's page. */
export function ConsoleApp(): JSX.Element {
  const [first, second] = segmentsBelow(BASE, path.value);
  const isPicture = first === undefined;
  const { name, color } = info.value;
  useEffect(() => connectDevice(isPicture), [isPicture]);
  useEffect(() => showIdentity(name, commonText.t("app.console"), "", color), [name, color]);
  const isBareNow = isPicture && isBareView();
  return (
    <Shell name={name} page="console" isBare={isBareNow} bar={<Bar isPicture={isPicture} />}>
      <PageFor first={first} second={second} />
    </Shell>
  );
}
