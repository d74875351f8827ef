import type { JSX } from "preact";
import { Page, Shell } from "../../components/shell.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { showIdentity } from "../../lib/identity.ts";

/** The device's page. */
export function ConsoleApp(): JSX.Element {
  const title = commonText.t("app.console");
  showIdentity(location.hostname, title);
  return (
    <Shell name={location.hostname} page="console">
      <Page>
        <h1>{title}</h1>
      </Page>
    </Shell>
  );
}
