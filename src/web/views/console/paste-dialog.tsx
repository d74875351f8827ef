import type { JSX } from "preact";
import { put } from "../../lib/put.ts";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { SelectField, Switch, TextField } from "../../components/field.tsx";
import { Progress } from "../../components/status.tsx";
import { Notice, toast, toastError } from "../../components/toast.tsx";
import { consoleText } from "../../i18n/console-text.ts";
import { post } from "../../lib/api.ts";
import { formatNumber } from "../../lib/format.ts";
import { layoutChoice } from "./console-settings.ts";
import { keymaps, ownId } from "./device-state.ts";
import { keyboardDialog } from "./keyboard-menu.tsx";
import { layoutTitle } from "./layout-titles.ts";
import { piecesOf, untypable } from "./paste-plan.ts";

const SLOW_SECONDS = 0.05;

/** The layout of the computer, as chosen here or set on the device. */
export function currentLayout(): string {
  const { first, available } = keymaps.value;
  return available.includes(layoutChoice.value) ? layoutChoice.value : first;
}

async function type(
  text: string,
  isSlow: boolean,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<void> {
  const pieces = piecesOf(text);
  const query = {
    limit: 0,
    keymap: currentLayout(),
    delay: isSlow ? SLOW_SECONDS : undefined,
    // It is this page that types, not somebody else.
    client: ownId.value,
  };
  let done = 0;
  for (const body of pieces) {
    await post("/api/hid/print", { query, body, signal });
    done += 1;
    onProgress(done / pieces.length);
  }
}

/** What of the text cannot be typed, once that is known. */
function useUntypable(text: string): readonly string[] {
  const [missing, setMissing] = useState<readonly string[]>([]);
  const layout = currentLayout();
  useEffect(() => {
    let isOld = false;
    void untypable(text, layout).then((found) => {
      if (!isOld) setMissing(found);
    });
    return () => {
      isOld = true;
    };
  }, [text, layout]);
  return missing;
}

/** Types in the background; `share` is undefined while it does not. */
function useTyping(): {
  readonly share: number | undefined;
  readonly start: (text: string, isSlow: boolean) => void;
  readonly cancel: () => void;
} {
  const [share, setShare] = useState<number | undefined>(undefined);
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  return {
    share,
    cancel: () => running.current?.abort(),
    start: (text, isSlow) => {
      const controller = new AbortController();
      running.current = controller;
      setShare(0);
      type(text, isSlow, controller.signal, setShare)
        .then(() => {
          toast(consoleText.t("paste.done"), "ok");
          keyboardDialog.value = undefined;
        })
        .catch(toastError)
        .finally(() => setShare(undefined));
    },
  };
}

export function LayoutField(): JSX.Element {
  return (
    <SelectField
      label={consoleText.t("keyboard.layout")}
      hint={consoleText.t("keyboard.layoutHint")}
      value={currentLayout()}
      options={keymaps.value.available.map((name) => ({ value: name, label: layoutTitle(name) }))}
      onChange={(name) => put(layoutChoice, name)}
    />
  );
}

/** Types a text on the computer, character by character. */
export function PasteDialog(): JSX.Element {
  const { t } = consoleText;
  const [text, setText] = useState("");
  const [isSlow, setSlow] = useState(false);
  const missing = useUntypable(text);
  const { share, start, cancel } = useTyping();
  const isTyping = share !== undefined;
  const readClipboard = (): void => {
    navigator.clipboard.readText().then(setText, () => toast(t("paste.noClipboard"), "warn"));
  };
  return (
    <Dialog
      title={t("paste")}
      onClose={() => {
        cancel();
        keyboardDialog.value = undefined;
      }}
      actions={
        <>
          {isTyping && <Button onClick={cancel}>{t("paste.stop")}</Button>}
          <Button
            kind="primary"
            busy={isTyping}
            disabled={text === ""}
            onClick={() => start(text, isSlow)}
          >
            {t("paste.start")}
          </Button>
        </>
      }
    >
      <TextField
        label={t("paste.text")}
        hint={t("paste.count", { n: formatNumber(Array.from(text).length) })}
        value={text}
        onInput={setText}
        rows={7}
        autofocus
        disabled={isTyping}
      />
      {"clipboard" in navigator && (
        <div class="row">
          <Button icon="paste" disabled={isTyping} onClick={readClipboard}>
            {t("paste.clipboard")}
          </Button>
        </div>
      )}
      <LayoutField />
      <Switch checked={isSlow} disabled={isTyping} onChange={setSlow}>
        {t("paste.slow")}
      </Switch>
      {missing.length > 0 && (
        <Notice tone="warn">{t("paste.missing", { chars: missing.slice(0, 20).join(" ") })}</Notice>
      )}
      {share !== undefined && <Progress value={share} label={t("paste.progress")} />}
    </Dialog>
  );
}
