import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { CommandRunView } from "../../../../protocol/fleet/admin.ts";
import { Button } from "../../../components/button.tsx";
import { confirm } from "../../../components/confirm.tsx";
import { TextField } from "../../../components/field.tsx";
import { attempt } from "../../../components/toast.tsx";
import { controlText } from "../../../i18n/fleet-control-text.ts";
import { ask } from "../fleet-api.ts";
import { fleet } from "../fleet-link.ts";
import { SHAPES } from "../shapes.ts";
import { AuditHint } from "./audit-hint.tsx";

/** So many names are in the question. */
const NAMED = 8;

function namesOf(nodes: readonly number[]): string {
  const names = nodes
    .slice(0, NAMED)
    .map((id) => fleet().byId(id)?.node.peek().name ?? String(id))
    .join(", ");
  const count = nodes.length - NAMED;
  return count > 0 ? controlText.t("command.andMore", { names, count }) : names;
}

/** More than one machine at once is asked for. */
async function isMeant(nodes: readonly number[]): Promise<boolean> {
  const { t } = controlText;
  const count = nodes.length;
  if (count === 1) return true;
  return confirm({
    title: t("command.sure", { count }),
    text: t("command.sureText", { names: namesOf(nodes) }),
    action: t("command.runOn", { count }),
    isDangerous: true,
  });
}

function RunBar({
  count,
  busy,
  disabled,
}: {
  readonly count: number;
  readonly busy: boolean;
  readonly disabled: boolean;
}): JSX.Element {
  const { t } = controlText;
  return (
    <div class="row wrap">
      <span class="muted small grow">
        <AuditHint />
      </span>
      <Button
        type="submit"
        kind="primary"
        icon="play"
        busy={busy}
        disabled={count === 0 || disabled}
      >
        {count > 1 ? t("command.runOn", { count }) : t("command.run")}
      </Button>
    </div>
  );
}

/** What is to run, and the button that does it. */
export function CommandForm({
  nodes,
  onRun,
}: {
  readonly nodes: readonly number[];
  readonly onRun: (run: CommandRunView) => void;
}): JSX.Element {
  const { t } = controlText;
  const command = useSignal("");
  const isBusy = useSignal(false);
  const run = async (): Promise<void> => {
    if (!(await isMeant(nodes))) return;
    isBusy.value = true;
    try {
      const body = { nodes: [...nodes], command: command.value };
      onRun(await ask("POST", "/commands", SHAPES.run, { body }));
    } finally {
      isBusy.value = false;
    }
  };
  const count = nodes.length;
  return (
    <form
      class="stack"
      onKeyDown={(event) => {
        const isEnter = event.key === "Enter" && (event.ctrlKey || event.metaKey);
        if (isEnter) event.currentTarget.requestSubmit();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (nodes.length > 0 && !isBusy.value) attempt(run);
      }}
    >
      <TextField
        label={t("command.text")}
        hint={t("command.hint")}
        rows={3}
        required
        maxLength={65_536}
        value={command.value}
        onInput={(text) => {
          command.value = text;
        }}
      />
      <RunBar count={count} busy={isBusy.value} disabled={command.value.trim() === ""} />
    </form>
  );
}
