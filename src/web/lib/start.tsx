import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/components.css";
import "../styles/layers.css";
import { render } from "preact";
import type { ComponentType } from "preact";
import { Gate } from "../components/gate.tsx";
import { startLanguage } from "../i18n/language.ts";
import { startTheme } from "./theme.ts";

/** Draws a page in the document once somebody is signed in. */
export function startPage(page: ComponentType): void {
  startTheme();
  startLanguage();
  const root = document.querySelector("#app");
  if (root !== null) render(<Gate page={page} />, root);
}
