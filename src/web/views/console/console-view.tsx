import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { consoleText } from "../../i18n/console-text.ts";
import { put } from "../../lib/put.ts";
import { isBare, isPeeking, showsKeyboard } from "./console-settings.ts";
import { keyboardDialog } from "./keyboard-menu.tsx";
import { mayControl } from "./input/input.ts";
import { OnScreenKeyboard } from "./osk.tsx";
import { RecognizedText, TextChooser } from "./ocr.tsx";
import { PasteDialog } from "./paste-dialog.tsx";
import { FileDrop } from "./panels/file-drop.tsx";
import { SidePanel } from "./panels/side-panel.tsx";
import { TypingSign } from "./people-sign.tsx";
import { isBareView } from "./picture/capture.ts";
import { Screen } from "./picture/screen.tsx";
import { pictureDialog } from "./picture-menu.tsx";
import { QualityDialog } from "./quality-dialog.tsx";
import { ShortcutsDialog } from "./shortcuts-dialog.tsx";
import { LeaveSign, StatusBar } from "./status-bar.tsx";
import { TouchBar } from "./touch-bar.tsx";

function Dialogs(): JSX.Element {
  return (
    <>
      {keyboardDialog.value === "paste" && <PasteDialog />}
      {keyboardDialog.value === "shortcuts" && <ShortcutsDialog />}
      {pictureDialog.value === "quality" && <QualityDialog />}
      <RecognizedText />
    </>
  );
}

/** Shows the bars until the picture is used again. */
function Handle(): JSX.Element {
  const { t } = consoleText;
  return (
    <Button
      class="handle"
      icon="chevronDown"
      label={t("picture.showBars")}
      onClick={() => put(isPeeking, true)}
    />
  );
}

/** The picture first, everything else around it. */
export function ConsoleView(): JSX.Element {
  const isBareNow = isBareView();
  useEffect(
    () => () => {
      isBare.value = false;
      isPeeking.value = false;
    },
    [],
  );
  return (
    <>
      <main class="console" id="content" tabIndex={-1}>
        <div class="stage-frame">
          <Screen />
          <TextChooser />
          <TypingSign />
          <FileDrop />
          {isBareNow && <Handle />}
          {isBareNow && <LeaveSign />}
        </div>
        <SidePanel />
      </main>
      {mayControl() && <TouchBar />}
      {showsKeyboard.value === "on" && mayControl() && <OnScreenKeyboard />}
      {!isBareNow && <StatusBar />}
      <Dialogs />
    </>
  );
}
