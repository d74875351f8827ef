import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { CommandRunView } from "../../../../protocol/fleet/admin.ts";
import { Button } from "../../../components/button.tsx";
import { confirm } from "../../../components/confirm.tsx";
import { TextField } from "../../../components/field.tsx";
import { attempt } from "../../../components/toast.tsx";
import { controlText } from "../../../i18n/fleet-control-text.ts";
import { useResource } from "../../../lib/resource.ts";
import { FLEET, ask } from "../fleet-api.ts";
import { fleet } from "../fleet-link.ts";
import { SHAPES } from "../shapes.ts";
import { AuditHint } from "./audit-hint.tsx";
import { PastRuns } from "./past-runs.tsx";
import { RunFollower } from "./run-follower.ts";
import { RunView } from "./run-view.tsx";

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

function CommandForm({
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
      onSubmit={(event) => {
        event.preventDefault();
        attempt(run);
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
      <div class="row wrap">
        <span class="muted small grow">
          <AuditHint />
        </span>
        <Button
          type="submit"
          kind="primary"
          icon="play"
          busy={isBusy.value}
          disabled={count === 0 || command.value.trim() === ""}
        >
          {count > 1 ? t("command.runOn", { count }) : t("command.run")}
        </Button>
      </div>
    </form>
  );
}

/** Runs a command on nodes that allow it, follows it, and shows what was run before. */
export function CommandDesk({
  nodes,
  only,
}: {
  /** Where it runs. */
  readonly nodes: readonly number[];
  /** Of the earlier ones, those of this node; undefined: all. */
  readonly only?: number;
}): JSX.Element {
  const followed = useSignal<RunFollower | undefined>(undefined);
  const past = useResource(`${FLEET}/commands`, SHAPES.runs);
  const follow = (run: CommandRunView): void => {
    followed.value?.stop();
    followed.value = new RunFollower(run);
  };
  useEffect(() => () => followed.value?.stop(), []);
  return (
    <>
      <CommandForm
        nodes={nodes}
        onRun={(run) => {
          follow(run);
          void past.reload();
        }}
      />
      {followed.value !== undefined && (
        <RunView key={followed.value.run.value.id} follower={followed.value} />
      )}
      <PastRuns
        runs={past}
        node={only}
        onShow={({ id }) =>
          attempt(async () => follow(await ask("GET", `/commands/${id}`, SHAPES.run)))
        }
      />
    </>
  );
}
