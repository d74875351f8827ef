import type { JSX } from "preact";
import { Page, Shell } from "../../components/shell.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { showIdentity } from "../../lib/identity.ts";

/** The hub's page. */
export function FleetApp(): JSX.Element {
  const title = commonText.t("app.fleet");
  showIdentity(location.hostname, title);
  return (
    <Shell name={location.hostname} page="fleet">
      <Page>
        <h1>{title}</h1>
      </Page>
    </Shell>
  );
}
