import type { JSX } from "preact";
import { put } from "../../lib/put.ts";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { consoleText } from "../../i18n/console-text.ts";
import { showsKeyboard } from "./console-settings.ts";
import { hid } from "./device-state.ts";
import { isModifier } from "./input/keyboard-keys.ts";
import { heldKeys, keys } from "./input/input.ts";
import { keyTitle } from "./input/key-titles.ts";
import { OSK_MORE, OSK_ROWS, charOn, charsOfLayout } from "./osk-rows.ts";
import type { OskChars, OskKey } from "./osk-rows.ts";
import { currentLayout } from "./paste-dialog.tsx";

/** A modifier: for the next key, or until it is tapped again. */
type Sticky = "next" | "held";

interface Board {
  readonly chars: OskChars;
  readonly sticky: ReadonlyMap<string, Sticky>;
  readonly onDown: (code: string) => void;
  readonly onUp: (code: string) => void;
}

function useChars(): OskChars {
  const layout = currentLayout();
  const [chars, setChars] = useState<OskChars>(new Map());
  useEffect(() => {
    let isOld = false;
    void charsOfLayout(layout).then((found) => {
      if (!isOld) setChars(found);
    });
    return () => {
      isOld = true;
    };
  }, [layout]);
  return chars;
}

/** Modifiers stay down for the next key; tapped twice, until they are tapped again. */
function useBoard(): Board {
  const chars = useChars();
  const [sticky, setSticky] = useState<ReadonlyMap<string, Sticky>>(new Map());
  const now = useRef(sticky);
  const change = (next: ReadonlyMap<string, Sticky>): void => {
    now.current = next;
    setSticky(next);
  };
  const letGo = (which: (state: Sticky) => boolean): void => {
    const rest = new Map(now.current);
    for (const [code, state] of now.current) {
      if (!which(state)) continue;
      rest.delete(code);
      keys.release(code);
    }
    change(rest);
  };
  useEffect(() => () => letGo(() => true), []);
  // Something else has let go of everything: the focus went away, or the connection.
  useEffect(() => {
    if (heldKeys.value.size === 0 && now.current.size > 0) change(new Map());
  }, [heldKeys.value]);
  const tapModifier = (code: string): void => {
    const state = now.current.get(code);
    if (state === "held") {
      const rest = new Map(now.current);
      rest.delete(code);
      keys.release(code);
      change(rest);
      return;
    }
    keys.press(code);
    change(new Map(now.current).set(code, state === "next" ? "held" : "next"));
  };
  return {
    chars,
    sticky,
    onDown: (code) => {
      if (isModifier(code)) tapModifier(code);
      else keys.press(code);
    },
    onUp: (code) => {
      if (isModifier(code)) return;
      keys.release(code);
      letGo((state) => state === "next");
    },
  };
}

function Key({
  item: [code, width = 4],
  board,
}: {
  readonly item: OskKey;
  readonly board: Board;
}): JSX.Element {
  const { chars, sticky, onDown, onUp } = board;
  const held = heldKeys.value;
  const levels = {
    shift: held.has("ShiftLeft") || held.has("ShiftRight"),
    altGr: held.has("AltRight"),
    caps: hid.value.leds.caps,
  };
  const title = charOn(chars, code, levels) ?? keyTitle(code);
  const state = sticky.get(code);
  const isDown = held.has(code) || (code === "CapsLock" && levels.caps);
  return (
    <button
      type="button"
      class={`key ${isDown ? "down" : ""} ${state ?? ""}`}
      style={{ flexGrow: width }}
      aria-label={title === keyTitle(code) ? code : title}
      aria-pressed={isModifier(code) ? state !== undefined : undefined}
      onPointerDown={(event) => {
        // The picture keeps the focus.
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        onDown(code);
      }}
      onPointerUp={() => onUp(code)}
      onPointerCancel={() => onUp(code)}
      onKeyDown={(event) => {
        if (event.repeat || (event.key !== "Enter" && event.key !== " ")) return;
        event.preventDefault();
        onDown(code);
        onUp(code);
      }}
    >
      {title}
    </button>
  );
}

/** A keyboard to tap or click on, with the characters of the chosen layout. */
export function OnScreenKeyboard(): JSX.Element {
  const { t } = consoleText;
  const board = useBoard();
  return (
    <div class="osk" role="group" aria-label={t("keyboard.onScreen")}>
      <div class="osk-row">
        {OSK_MORE.map((item) => (
          <Key key={item[0]} item={item} board={board} />
        ))}
        <Button
          kind="ghost"
          icon="close"
          label={commonText.t("action.close")}
          onClick={() => put(showsKeyboard, "off")}
        />
      </div>
      {OSK_ROWS.map((row, index) => (
        <div key={index} class="osk-row">
          {row.map((item) => (
            <Key key={item[0]} item={item} board={board} />
          ))}
        </div>
      ))}
    </div>
  );
}
