import type { JSX } from "preact";
import { fleetText } from "../../../i18n/fleet-text.ts";

/** What only admins see. */
export function Admin({ id }: { readonly id: string }): JSX.Element {
  return <h1 data-area={id}>{fleetText.t("nav.admin")}</h1>;
}
