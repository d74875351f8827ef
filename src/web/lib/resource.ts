import { useSignal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { toast, toastError } from "../components/toast.tsx";
import { commonText } from "../i18n/common-text.ts";
import { sentenceOf } from "./api.ts";
import type { Shape } from "./shape.ts";
import { ask } from "./native-api.ts";

export interface Resource<T> {
  /** Undefined until it has been read. */
  readonly value: ReadonlySignal<T | undefined>;
  readonly problem: ReadonlySignal<string>;
  readonly reload: () => Promise<void>;
}

/** Something that the server keeps, read when the view is opened and after each change. */
export function useResource<T>(path: string, expected: Shape<T>): Resource<T> {
  const value = useSignal<T | undefined>(undefined);
  const problem = useSignal("");
  const reload = async (): Promise<void> => {
    try {
      value.value = await ask("GET", path, expected);
      problem.value = "";
    } catch (error) {
      problem.value = sentenceOf(error);
    }
  };
  useEffect(() => {
    void reload();
  }, [path]);
  return { value, problem, reload };
}

/** Does it, says so, and reads again what has changed. False when it failed, which has been said then. */
export async function perform(
  work: () => Promise<unknown>,
  said: "saved" | "removed",
  reload: () => Promise<void>,
): Promise<boolean> {
  try {
    await work();
  } catch (error) {
    toastError(error);
    return false;
  }
  toast(commonText.t(`said.${said}`), "ok");
  await reload();
  return true;
}
