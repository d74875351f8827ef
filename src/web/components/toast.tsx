import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { commonText } from "../i18n/common-text.ts";
import { sentenceOf } from "../lib/api.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icons.tsx";
import type { IconName } from "./icons.tsx";

export type Tone = "info" | "ok" | "warn" | "bad";

interface Toast {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
}

export const TONE_ICONS: Readonly<Record<Tone, IconName>> = {
  info: "info",
  ok: "check",
  warn: "alert",
  bad: "alert",
};

const MOST = 4;
/** What went wrong stays until it is dismissed. */
const SHOWN_MS: Readonly<Record<Tone, number | undefined>> = {
  info: 6000,
  ok: 4000,
  warn: 10_000,
  bad: undefined,
};

const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Says something in the corner; read out by screen readers. */
export function toast(text: string, tone: Tone = "info"): void {
  if (text === "") return;
  lastId += 1;
  const id = lastId;
  const others = toasts.value.filter((other) => other.text !== text);
  toasts.value = [...others, { id, tone, text }].slice(-MOST);
  const shown = SHOWN_MS[tone];
  if (shown !== undefined) setTimeout(() => dismiss(id), shown);
}

/** Says what went wrong; nothing for what the visitor has aborted. */
export function toastError(error: unknown): void {
  toast(sentenceOf(error), "bad");
}

/** Runs something for a click and says when it fails. */
export function attempt(work: () => Promise<unknown>): void {
  work().catch(toastError);
}

/** Where messages are drawn; once on a page. In the top layer, so that dialogs do not hide them. */
export function ToastHost(): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const count = toasts.value.length;
  useEffect(() => {
    const region = element.current;
    if (region === null || typeof region.showPopover !== "function") return;
    if (region.matches(":popover-open")) region.hidePopover();
    if (count > 0) region.showPopover();
  }, [count]);
  return (
    <div
      ref={element}
      class="toasts"
      popover="manual"
      role="region"
      aria-label={commonText.t("toast.region")}
      aria-live="polite"
    >
      {toasts.value.map(({ id, tone, text }) => (
        <div key={id} class={`toast ${tone}`} role={tone === "bad" ? "alert" : "status"}>
          <span class="grow">{text}</span>
          <Button
            kind="ghost"
            icon="close"
            label={commonText.t("toast.dismiss")}
            onClick={() => dismiss(id)}
          />
        </div>
      ))}
    </div>
  );
}

/** A message in its place on the page. */
export function Notice({
  tone = "info",
  children,
  action,
}: {
  readonly tone?: Tone;
  readonly children: preact.ComponentChildren;
  readonly action?: preact.ComponentChildren;
}): JSX.Element {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : undefined}>
      <Icon name={TONE_ICONS[tone]} />
      <div class="grow">{children}</div>
      {action}
    </div>
  );
}
