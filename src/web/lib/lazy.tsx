import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Notice, attempt } from "../components/toast.tsx";
import { commonText } from "../i18n/common-text.ts";
import { isOutdated, loadSession } from "./session.ts";

type Loaded<P> = { readonly part: ComponentType<P> } | "failed" | undefined;

/** A part of the page that is loaded when it is opened. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  return function Lazy(props: P): JSX.Element {
    const [loaded, setLoaded] = useState<Loaded<P>>(undefined);
    useEffect(() => {
      load().then(
        (part) => setLoaded({ part }),
        () => {
          setLoaded("failed");
          // Parts of an older build are not there any more.
          attempt(loadSession);
        },
      );
    }, []);
    if (loaded === undefined) {
      return (
        <p class="empty" role="status">
          {commonText.t("loading")}
        </p>
      );
    }
    if (loaded !== "failed") return <loaded.part {...props} />;
    return (
      <Notice
        tone="bad"
        action={<Button onClick={() => location.reload()}>{commonText.t("action.reload")}</Button>}
      >
        {commonText.t(isOutdated.value ? "error.missing" : "error.offline")}
      </Notice>
    );
  };
}
