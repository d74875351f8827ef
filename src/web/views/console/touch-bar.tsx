import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { consoleText } from "../../i18n/console-text.ts";
import { showsKeyboard } from "./console-settings.ts";
import { clickButton, pressButton, releaseButton } from "./input/input.ts";

/** The buttons of a mouse, for those who have fingers only: shown on touch screens. */
export function TouchBar(): JSX.Element {
  const { t } = consoleText;
  const [isDragging, setDragging] = useState(false);
  const drag = (): void => {
    if (isDragging) releaseButton("left");
    else pressButton("left");
    setDragging(!isDragging);
  };
  return (
    <div class="touch-bar" role="group" aria-label={t("touch")}>
      <Button pressed={isDragging} onClick={drag}>
        {t("touch.drag")}
      </Button>
      <Button onClick={() => clickButton("left")}>{t("touch.left")}</Button>
      <Button onClick={() => clickButton("middle")}>{t("touch.middle")}</Button>
      <Button onClick={() => clickButton("right")}>{t("touch.right")}</Button>
      <Button
        icon="keyboard"
        label={t("keyboard.onScreen")}
        pressed={showsKeyboard.value === "on"}
        onClick={() => {
          showsKeyboard.value = showsKeyboard.value === "on" ? "off" : "on";
        }}
      />
    </div>
  );
}
