import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { SelectField, Switch, TextField } from "../../components/field.tsx";
import { Notice } from "../../components/toast.tsx";
import { consoleText } from "../../i18n/console-text.ts";
import { request, sentenceOf } from "../../lib/api.ts";
import { LogLines, filterLines } from "./log-lines.ts";
import type { LogLine } from "./log-lines.ts";

const SPANS = ["600", "3600", "86400"] as const;
type Span = (typeof SPANS)[number];

/** Drawn no more often than this, however much is written. */
const DRAW_EVERY_MS = 200;

const lines = signal<readonly LogLine[]>([]);

async function follow(seek: Span, stop: AbortSignal): Promise<void> {
  const known = new LogLines();
  const timer = setInterval(() => {
    lines.value = known.lines;
  }, DRAW_EVERY_MS);
  try {
    const response = await request("GET", "/api/log", {
      query: { seek, follow: true },
      signal: stop,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const piece = await reader?.read();
      if (piece === undefined || piece.done) return;
      known.add(piece.value);
    }
  } finally {
    clearInterval(timer);
  }
}

/** Reads as long as the page is open; starts anew when the stretch of time changes. */
function useLog(seek: Span): string {
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    lines.value = [];
    setProblem("");
    follow(seek, stop.signal).then(
      () => setProblem(consoleText.t("log.ended")),
      (error: unknown) => setProblem(sentenceOf(error)),
    );
    return () => stop.abort();
  }, [seek]);
  return problem;
}

function Lines({
  filter,
  isFollowing,
}: {
  readonly filter: string;
  readonly isFollowing: boolean;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const shown = filterLines(lines.value, filter);
  useLayoutEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [shown.at(-1)?.id, isFollowing, filter]);
  return (
    <div
      ref={box}
      class="log"
      role="log"
      aria-live="off"
      tabIndex={0}
      aria-label={consoleText.t("page.log")}
    >
      {shown.map(({ id, text, tone }) => (
        <div key={id} class={tone}>
          {text}
        </div>
      ))}
      {shown.length === 0 && <p class="empty">{consoleText.t("log.empty")}</p>}
    </div>
  );
}

/** What the device has written down. */
export function LogPage(): JSX.Element {
  const { t } = consoleText;
  const [seek, setSeek] = useState<Span>("3600");
  const [filter, setFilter] = useState("");
  const [isFollowing, setFollowing] = useState(true);
  const problem = useLog(seek);
  return (
    <main class="tool-page" id="content" tabIndex={-1}>
      <div class="row wrap bottom">
        <div class="grow">
          <TextField label={t("log.filter")} type="search" value={filter} onInput={setFilter} />
        </div>
        <SelectField
          label={t("log.span")}
          value={seek}
          options={SPANS.map((value) => ({ value, label: t(`log.span.${value}`) }))}
          onChange={setSeek}
        />
        <Switch checked={isFollowing} onChange={setFollowing}>
          {t("log.follow")}
        </Switch>
      </div>
      {problem !== "" && <Notice tone="warn">{problem}</Notice>}
      <Lines filter={filter} isFollowing={isFollowing} />
    </main>
  );
}
