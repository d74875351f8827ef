import { useSignal, useSignalEffect } from "@preact/signals";
import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { consoleText } from "../../../i18n/console-text.ts";
import { fit, isPeeking, showsPointer, videoChoice } from "../console-settings.ts";
import { hid, video } from "../device-state.ts";
import {
  clickButton,
  keys,
  later,
  mayControl,
  pointer,
  pressButton,
  releaseButton,
  releaseEverything,
} from "../input/input.ts";
import { containedBox, toScreen } from "../input/pointer-math.ts";
import type { Box } from "../input/pointer-math.ts";
import type { MouseButton } from "../input/frames.ts";
import { TouchGestures } from "../input/touch.ts";
import { capture } from "./capture.ts";
import { PictureFeed, picture } from "./picture-feed.ts";
import { VideoNotice } from "./video-notice.tsx";

const BUTTONS: readonly MouseButton[] = ["left", "middle", "right", "up", "down"];

function boxOf(canvas: HTMLCanvasElement): Box {
  return containedBox(canvas.getBoundingClientRect(), canvas.width, canvas.height);
}

function pointAt(canvas: HTMLCanvasElement, x: number, y: number): void {
  const at = toScreen(x, y, boxOf(canvas));
  pointer.moveTo(at.x, at.y);
}

/** Whether the tab is in front. */
function usePageIsSeen(): boolean {
  const [isSeen, setSeen] = useState(!document.hidden);
  useEffect(() => {
    const look = (): void => setSeen(!document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return isSeen;
}

/** Receives and draws as long as the picture is on the page. */
function usePicture(canvas: RefObject<HTMLCanvasElement | null>): void {
  const choice = videoChoice.value;
  const isSeen = usePageIsSeen();
  useEffect(() => {
    // Nobody looks: the device need not send anything.
    if (!isSeen) return undefined;
    const element = canvas.current;
    const context = element?.getContext("2d", { alpha: false, desynchronized: true }) ?? null;
    if (element === null || context === null) return undefined;
    const feed = new PictureFeed(choice, ({ width, height, source }) => {
      if (element.width !== width || element.height !== height) {
        element.width = width;
        element.height = height;
      }
      context.drawImage(source, 0, 0);
    });
    return () => feed.close();
  }, [choice, isSeen]);
}

/** Mouse and fingers over the picture. */
class ScreenPointer {
  readonly #canvas: HTMLCanvasElement;
  readonly #touch: TouchGestures;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#touch = new TouchGestures({
      point: (x, y) => {
        if (hid.value.isAbsolute) pointAt(canvas, x, y);
      },
      move: (dx, dy) => {
        if (!hid.value.isAbsolute) pointer.moveBy(dx, dy);
      },
      click: clickButton,
      scroll: (dx, dy) => pointer.wheel(dx, dy, 0),
      now: () => performance.now(),
      later,
    });
  }

  readonly down = (event: PointerEvent): void => {
    if (!mayControl()) return;
    if (event.pointerType === "touch") {
      this.#canvas.setPointerCapture(event.pointerId);
      this.#touch.down(event.pointerId, event.clientX, event.clientY);
      return;
    }
    if (!hid.value.isAbsolute && !capture.isLocked.value) {
      void capture.lockPointer();
      return;
    }
    // A locked one cannot leave.
    if (!capture.isLocked.value) this.#canvas.setPointerCapture(event.pointerId);
    this.#point(event);
    const button = BUTTONS[event.button];
    if (button !== undefined) pressButton(button);
  };

  readonly move = (event: PointerEvent): void => {
    if (!mayControl()) return;
    if (event.pointerType === "touch") {
      this.#touch.move(event.pointerId, event.clientX, event.clientY);
    } else if (capture.isLocked.value) {
      pointer.moveBy(event.movementX, event.movementY);
    } else {
      this.#point(event);
    }
  };

  readonly up = (event: PointerEvent): void => {
    if (event.pointerType === "touch") {
      this.#touch.up(event.pointerId);
      return;
    }
    const button = BUTTONS[event.button];
    if (button !== undefined) releaseButton(button);
  };

  readonly cancel = (): void => {
    this.#touch.cancel();
    releaseEverything();
  };

  readonly wheel = (event: WheelEvent): void => {
    event.preventDefault();
    if (mayControl()) pointer.wheel(event.deltaX, event.deltaY, event.deltaMode);
  };

  #point(event: PointerEvent): void {
    if (hid.value.isAbsolute) pointAt(this.#canvas, event.clientX, event.clientY);
  }
}

function usePointer(canvas: RefObject<HTMLCanvasElement | null>): void {
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const screen = new ScreenPointer(element);
    const stop = new AbortController();
    const { signal } = stop;
    element.addEventListener("pointerdown", screen.down, { signal });
    element.addEventListener("pointermove", screen.move, { signal });
    element.addEventListener("pointerup", screen.up, { signal });
    element.addEventListener("pointercancel", screen.cancel, { signal });
    // Not passive: the page must not scroll.
    element.addEventListener("wheel", screen.wheel, { signal, passive: false });
    element.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
    return () => stop.abort();
  }, []);
}

/** The computer's screen: what it shows, and where typing and pointing go to. */
export function Screen(): JSX.Element {
  const { t } = consoleText;
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const isNative = useSignal(fit.value === "native");
  useSignalEffect(() => {
    isNative.value = fit.value === "native";
  });
  usePicture(canvas);
  usePointer(canvas);
  useEffect(() => {
    capture.stage = stage.current ?? undefined;
    stage.current?.focus({ preventScroll: true });
    return () => {
      capture.stage = undefined;
    };
  }, []);
  const onKey = (event: KeyboardEvent): void => {
    // A button over the picture keeps its keys.
    if (!mayControl() || event.target !== stage.current) return;
    event.preventDefault();
    event.stopPropagation();
    if (!capture.isLeaving(event, keys.held)) keys.take(event);
  };
  const { condition } = video.value;
  const isShown = condition === "ok" && picture.isThere.value;
  return (
    <div
      ref={stage}
      class={`stage ${isNative.value ? "native" : "fit"} ${showsPointer.value === "off" ? "no-pointer" : ""}`}
      tabIndex={0}
      role="application"
      aria-label={t("screen.label")}
      aria-describedby="screen-help"
      onFocus={() => {
        capture.isFocused.value = true;
        isPeeking.value = false;
      }}
      onBlur={() => {
        capture.isFocused.value = false;
        releaseEverything();
      }}
      onKeyDown={onKey}
      onKeyUp={onKey}
    >
      <canvas
        ref={canvas}
        width={1280}
        height={720}
        class={isShown ? undefined : "stale"}
        aria-hidden="true"
      />
      <span id="screen-help" class="unseen">
        {t("screen.help")}
      </span>
      {!isShown && <VideoNotice />}
    </div>
  );
}
