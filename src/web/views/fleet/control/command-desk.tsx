import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { CommandRunView } from "../../../../protocol/fleet/admin.ts";
import { attempt } from "../../../components/toast.tsx";
import { useResource } from "../../../lib/resource.ts";
import { FLEET, ask } from "../fleet-api.ts";
import { SHAPES } from "../shapes.ts";
import { CommandForm } from "./command-form.tsx";
import { PastRuns } from "./past-runs.tsx";
import { RunFollower } from "./run-follower.ts";
import { RunView } from "./run-view.tsx";

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
    // It is among the earlier ones, too, with what came of it.
    followed.value = new RunFollower(run, () => void past.reload());
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
