import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "../../../components/button.tsx";
import { commonText } from "../../../i18n/common-text.ts";
import { consoleText } from "../../../i18n/console-text.ts";
import { panel } from "../console-settings.ts";
import type { Panel } from "../console-settings.ts";
import { GpioPanel, GpioTitle } from "./gpio-panel.tsx";
import { HealthPanel } from "./health-panel.tsx";
import { MediaPanel } from "./media-panel.tsx";
import { PeoplePanel } from "./people-panel.tsx";

const CONTENT: Readonly<Record<Panel, () => JSX.Element>> = {
  media: MediaPanel,
  gpio: GpioPanel,
  health: HealthPanel,
  people: PeoplePanel,
};

function titleOf(name: Panel): ComponentChildren {
  return name === "gpio" ? <GpioTitle /> : consoleText.t(`panel.${name}`);
}

/** The focus goes back to the button that has opened it. */
function close(): void {
  document.querySelector<HTMLElement>('.topbar [aria-pressed="true"]')?.focus();
  panel.value = undefined;
}

/** Beside the picture; on a phone over its lower part. */
export function SidePanel(): JSX.Element | null {
  const id = useId();
  const frame = useRef<HTMLElement>(null);
  const name = panel.value;
  useEffect(() => frame.current?.focus({ preventScroll: true }), [name]);
  if (name === undefined) return null;
  const Content = CONTENT[name];
  return (
    <aside
      ref={frame}
      class="side-panel"
      tabIndex={-1}
      aria-labelledby={id}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <header class="row">
        <h2 id={id} class="grow">
          {titleOf(name)}
        </h2>
        <Button kind="ghost" icon="close" label={commonText.t("action.close")} onClick={close} />
      </header>
      <div class="content">
        <Content />
      </div>
    </aside>
  );
}
