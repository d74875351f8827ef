import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { ProblemNotice } from "../../components/problem-notice.tsx";
import { Badge } from "../../components/status.tsx";
import { Table } from "../../components/table.tsx";
import { Notice, attempt, toast } from "../../components/toast.tsx";
import { settingsText } from "../../i18n/settings-text.ts";
import { formatTime } from "../../lib/format.ts";
import { programName } from "../../lib/program-name.ts";
import { tell } from "../../lib/native-api.ts";
import { useResource } from "../../lib/resource.ts";
import { may, session } from "../../lib/session.ts";
import { OneTimeCodes } from "./one-time-codes.tsx";
import { SHAPES } from "./shapes.ts";
import type { OwnSessions } from "./shapes.ts";

const SHORTEST = 8;

interface Draft {
  readonly current: string;
  readonly code: string;
  readonly next: string;
  readonly again: string;
}

const EMPTY: Draft = { current: "", code: "", next: "", again: "" };

function judge({ current, next, again }: Draft) {
  const isSame = next !== "" && next === current;
  const isDifferent = again !== "" && again !== next;
  const isReady = current !== "" && next.length >= SHORTEST && next === again && !isSame;
  return { isSame, isDifferent, isReady };
}

async function changePassword({ current, code, next }: Draft): Promise<void> {
  const body = { current, code: code.trim(), password: next };
  await tell("POST", "/native/password", { body });
  toast(settingsText.t("password.done"), "ok");
  // The change has ended this session like all others.
  session.value = null;
}

function PasswordForm({ hasCodes }: { readonly hasCodes: boolean }): JSX.Element {
  const { t } = settingsText;
  const draft = useSignal(EMPTY);
  const { current, code, next, again } = draft.value;
  const change = (part: Partial<Draft>): void => {
    draft.value = { ...draft.value, ...part };
  };
  const { isSame, isDifferent, isReady } = judge(draft.value);
  return (
    <form
      class="card stack"
      aria-label={t("password.title")}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) attempt(() => changePassword(draft.value));
      }}
    >
      <h2>{t("password.title")}</h2>
      <TextField
        label={t("password.current")}
        type="password"
        autocomplete="current-password"
        value={current}
        onInput={(text) => change({ current: text })}
      />
      {hasCodes && (
        <TextField
          label={t("password.code")}
          inputMode="numeric"
          autocomplete="one-time-code"
          value={code}
          onInput={(text) => change({ code: text })}
        />
      )}
      <TextField
        label={t("password.next")}
        hint={t("password.hint")}
        problem={isSame ? t("password.same") : undefined}
        type="password"
        autocomplete="new-password"
        value={next}
        onInput={(text) => change({ next: text })}
      />
      <TextField
        label={t("password.again")}
        problem={isDifferent ? t("password.different") : undefined}
        type="password"
        autocomplete="new-password"
        value={again}
        onInput={(text) => change({ again: text })}
      />
      <div>
        <Button type="submit" kind="primary" disabled={!isReady}>
          {t("password.change")}
        </Button>
      </div>
    </form>
  );
}

type OneSession = OwnSessions["sessions"][number];

function Sessions(): JSX.Element {
  const { t } = settingsText;
  const sessions = useResource("/native/sessions", SHAPES.sessions);
  const { sessions: rows = [], mine = null } = sessions.value.value ?? {};
  const end = async (id: string): Promise<void> => {
    await tell("DELETE", `/native/sessions/${id}`);
    await sessions.reload();
  };
  const columns = [
    {
      id: "program",
      title: t("sessions.program"),
      cell: ({ id, lastUserAgent }: OneSession) => (
        <span class="row">
          <span class="cut agent" title={lastUserAgent}>
            {lastUserAgent === "" ? "–" : programName(lastUserAgent)}
          </span>
          {id === mine && <Badge tone="ok">{t("sessions.this")}</Badge>}
        </span>
      ),
    },
    {
      id: "from",
      title: t("sessions.from"),
      cell: ({ lastAddress }: OneSession) => lastAddress,
    },
    {
      id: "seen",
      title: t("sessions.seen"),
      cell: ({ lastSeenAt }: OneSession) => <span class="whole">{formatTime(lastSeenAt)}</span>,
    },
    {
      id: "actions",
      title: t("actions"),
      hideTitle: true,
      cell: ({ id }: OneSession) => (
        <Button kind="ghost" icon="signOut" onClick={() => attempt(() => end(id))}>
          {t("sessions.end")}
        </Button>
      ),
    },
  ];
  return (
    <section class="stack" aria-label={t("sessions.title")}>
      <h2>{t("sessions.title")}</h2>
      <ProblemNotice problem={sessions.problem.value} onRetry={sessions.reload} />
      <Table caption={t("sessions.title")} columns={columns} rows={rows} keyOf={({ id }) => id} />
    </section>
  );
}

/** One's own password, codes and sessions. */
export function AccountSettings(): JSX.Element {
  const { t } = settingsText;
  const setup = useResource("/native/setup", SHAPES.setup);
  const {
    hasFirstPassword = false,
    mustChangePassword = false,
    hasOneTimeCodes = false,
  } = setup.value.value ?? {};
  // Other accounts have nothing to do with the owner's.
  const isOwnFirst = mustChangePassword || (hasFirstPassword && may("admin"));
  return (
    <div class="stack">
      {isOwnFirst && <Notice tone="warn">{t("first.text")}</Notice>}
      <PasswordForm hasCodes={hasOneTimeCodes} />
      {may("admin") && <OneTimeCodes isOn={hasOneTimeCodes} reload={setup.reload} />}
      <Sessions />
    </div>
  );
}
