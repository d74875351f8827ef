import type { JSX } from "preact";
import { put } from "../../lib/put.ts";
import { useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Field, TextField } from "../../components/field.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { consoleText } from "../../i18n/console-text.ts";
import { ownShortcuts } from "./console-settings.ts";
import { keyTitle } from "./input/key-titles.ts";
import { keyboardDialog, titleOf } from "./keyboard-menu.tsx";

const MOST_KEYS = 6;

function remove(index: number): void {
  ownShortcuts.value = ownShortcuts.value.filter((_shortcut, at) => at !== index);
}

function withKey(keys: readonly string[], code: string): readonly string[] {
  return keys.includes(code) || keys.length >= MOST_KEYS ? keys : [...keys, code];
}

/** What systems and browsers keep for themselves. */
const KEPT = ["MetaLeft", "AltLeft", "AltRight", "Tab", "Escape", "PrintScreen", "F4", "F11"];

function KeyChips({ onChoose }: { readonly onChoose: (code: string) => void }): JSX.Element {
  return (
    <div class="row wrap">
      {KEPT.map((code) => (
        <Button key={code} onClick={() => onChoose(code)}>
          {keyTitle(code)}
        </Button>
      ))}
    </div>
  );
}

/** A field that takes the keys that are pressed in it instead of their text. */
function KeysField({
  keys,
  onChange,
}: {
  readonly keys: readonly string[];
  readonly onChange: (keys: readonly string[]) => void;
}): JSX.Element {
  const { t } = consoleText;
  const onKeyDown = (event: KeyboardEvent): void => {
    // Tab alone leads on, so that nobody is caught here.
    if (event.repeat || (event.code === "Tab" && keys.length === 0)) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(withKey(keys, event.code));
  };
  return (
    <Field
      label={t("shortcuts.keys")}
      hint={t("shortcuts.keysHint")}
      control={(ids) => (
        <div class="row">
          <input
            {...ids}
            type="text"
            class="input"
            readOnly
            value={titleOf(keys)}
            placeholder={t("shortcuts.press")}
            onKeyDown={onKeyDown}
          />
          <Button icon="close" label={t("shortcuts.clear")} onClick={() => onChange([])} />
        </div>
      )}
    />
  );
}

/** The visitor's own shortcuts, kept in this browser. */
export function ShortcutsDialog(): JSX.Element {
  const { t } = consoleText;
  const [name, setName] = useState("");
  const [keys, setKeys] = useState<readonly string[]>([]);
  const add = (): void => {
    ownShortcuts.value = [...ownShortcuts.value, { name: name.trim(), keys }];
    setName("");
    setKeys([]);
  };
  return (
    <Dialog title={t("keyboard.own")} onClose={() => put(keyboardDialog, undefined)}>
      <p class="muted">{t("shortcuts.about")}</p>
      <ul class="stack">
        {ownShortcuts.value.map((shortcut, index) => (
          <li key={index} class="row">
            <span class="grow cut">
              {shortcut.name === "" ? "" : `${shortcut.name} · `}
              <kbd>{titleOf(shortcut.keys)}</kbd>
            </span>
            <Button
              kind="ghost"
              icon="trash"
              label={commonText.t("action.delete")}
              onClick={() => remove(index)}
            />
          </li>
        ))}
      </ul>
      <KeysField keys={keys} onChange={setKeys} />
      <KeyChips onChoose={(code) => setKeys(withKey(keys, code))} />
      <TextField label={t("shortcuts.name")} value={name} onInput={setName} maxLength={40} />
      <div class="row">
        <Button kind="primary" icon="plus" disabled={keys.length === 0} onClick={add}>
          {t("shortcuts.add")}
        </Button>
      </div>
    </Dialog>
  );
}
