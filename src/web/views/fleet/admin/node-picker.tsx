import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Button } from "../../../components/button.tsx";
import { TextField } from "../../../components/field.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { fleet } from "../fleet-link.ts";

/** So many are drawn; the search finds the others. */
const SHOWN = 200;

/** Chooses nodes by their ids. */
export function NodePicker({
  among,
  chosen,
  onChange,
}: {
  /** Only these can be chosen; undefined: all. */
  readonly among?: ReadonlySet<number>;
  readonly chosen: readonly number[];
  readonly onChange: (chosen: number[]) => void;
}): JSX.Element {
  const { t } = adminText;
  const search = useSignal("");
  const words = search.value.toLowerCase();
  const found = fleet()
    .entries.value.map(({ node }) => node.value)
    .filter(({ id }) => among?.has(id) ?? true)
    .filter(({ name, group }) => `${name} ${group}`.toLowerCase().includes(words));
  const toggle = (id: number, isOn: boolean): void => {
    onChange(isOn ? [...chosen, id] : chosen.filter((other) => other !== id));
  };
  return (
    <div class="stack">
      <TextField
        label={t("scope.search")}
        type="search"
        value={search.value}
        onInput={(text) => {
          search.value = text;
        }}
      />
      <div class="picker">
        {found.slice(0, SHOWN).map(({ id, name, group }) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={chosen.includes(id)}
              onChange={(event) => toggle(id, event.currentTarget.checked)}
            />
            {name}
            <span class="muted small">{group}</span>
          </label>
        ))}
      </div>
      <div class="row wrap">
        <span class="muted small grow" role="status">
          {t("scope.chosen", { count: chosen.length })}
        </span>
        <Button onClick={() => onChange([...new Set([...chosen, ...found.map(({ id }) => id)])])}>
          {t("scope.chooseFound", { count: found.length })}
        </Button>
        <Button disabled={chosen.length === 0} onClick={() => onChange([])}>
          {t("scope.chooseNone")}
        </Button>
      </div>
    </div>
  );
}
