import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../../../components/icons.tsx";
import { consoleText } from "../../../i18n/console-text.ts";
import { panel } from "../console-settings.ts";
import { msd } from "../device-state.ts";
import { mayControl } from "../input/input.ts";
import { uploadFiles } from "./upload.ts";

/** Files are over the page. */
const isDragging = signal(false);

const hasFiles = ({ dataTransfer }: DragEvent): boolean =>
  dataTransfer?.types.includes("Files") === true;

export function mayUpload(): boolean {
  const { isEnabled, isOnline, isWritable } = msd.value;
  return mayControl() && isEnabled && isOnline && isWritable;
}

/** Without this the browser would leave the page to show the file. */
function onDragOver(event: DragEvent): void {
  if (!hasFiles(event)) return;
  event.preventDefault();
  const isWanted = mayUpload();
  isDragging.value = isWanted;
  if (!isWanted && event.dataTransfer !== null) event.dataTransfer.dropEffect = "none";
}

function onDragLeave({ relatedTarget }: DragEvent): void {
  // Out of the window, not from one element to the next.
  if (relatedTarget === null) isDragging.value = false;
}

function onDrop(event: DragEvent): void {
  if (!hasFiles(event)) return;
  event.preventDefault();
  isDragging.value = false;
  if (!mayUpload()) return;
  panel.value = "media";
  uploadFiles(event.dataTransfer?.files ?? []);
}

/** Takes files that are dropped anywhere on the page, and says so while they are over it. */
export function FileDrop(): JSX.Element | null {
  useEffect(() => {
    const stop = new AbortController();
    const { signal: ended } = stop;
    addEventListener("dragover", onDragOver, { signal: ended });
    addEventListener("dragleave", onDragLeave, { signal: ended });
    addEventListener("drop", onDrop, { signal: ended });
    return () => {
      isDragging.value = false;
      stop.abort();
    };
  }, []);
  if (!isDragging.value) return null;
  return (
    <div class="drop-veil">
      <span class="drop over">
        <Icon name="upload" />
        {consoleText.t("upload.dropHere")}
      </span>
    </div>
  );
}
