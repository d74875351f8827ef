import type { JSX } from "preact";
import { Button } from "../../../components/button.tsx";
import { SelectField, TextField } from "../../../components/field.tsx";
import { fleetText } from "../../../i18n/fleet-text.ts";
import type { NodeEntry } from "../fleet-state.ts";
import { SORT_KEYS, tagName, wordsOf } from "./arrange.ts";
import { arrangement, change, layout, PRESENCE_CHOICES } from "./list-choices.ts";

function WordChoice({
  label,
  words,
  value,
  onChange,
}: {
  readonly label: string;
  readonly words: readonly string[];
  readonly value: string;
  readonly onChange: (word: string) => void;
}): JSX.Element | null {
  if (words.length === 0) return null;
  const all = { value: "", label: fleetText.t("list.all") };
  // A word that is gone stays choosable as long as it is chosen.
  const known = words.includes(value) || value === "" ? words : [value, ...words];
  return (
    <SelectField
      label={label}
      value={value}
      options={[all, ...known.map((word) => ({ value: word, label: word }))]}
      onChange={onChange}
    />
  );
}

function SortChoice(): JSX.Element {
  const { t } = fleetText;
  const { sortBy, isDescending } = arrangement.value;
  return (
    <div class="row end">
      <SelectField
        label={t("list.sort")}
        value={sortBy}
        options={SORT_KEYS.map((key) => ({ value: key, label: t(`sort.${key}`) }))}
        onChange={(key) => change({ sortBy: key, isDescending: key !== "name" && key !== "order" })}
      />
      <Button
        icon={isDescending ? "arrowDown" : "arrowUp"}
        label={t(isDescending ? "list.descending" : "list.ascending")}
        onClick={() => change({ isDescending: !isDescending })}
      />
    </div>
  );
}

/** What is shown, in which order, and how. */
export function Filters({ entries }: { readonly entries: readonly NodeEntry[] }): JSX.Element {
  const { t } = fleetText;
  const { search, group, tag, presence } = arrangement.value;
  return (
    <div class="filters" role="search">
      <TextField
        label={t("list.search")}
        type="search"
        placeholder={t("list.searchHint")}
        value={search}
        onInput={(text) => change({ search: text })}
      />
      <SelectField
        label={t("list.show")}
        value={presence}
        options={PRESENCE_CHOICES.map((value) => ({ value, label: t(`list.presence.${value}`) }))}
        onChange={(value) => change({ presence: value })}
      />
      <WordChoice
        label={t("list.group")}
        words={wordsOf(entries, (node) => [node.group])}
        value={group}
        onChange={(word) => change({ group: word })}
      />
      <WordChoice
        label={t("list.tag")}
        words={wordsOf(entries, (node) => node.tags.map(tagName))}
        value={tag}
        onChange={(word) => change({ tag: word })}
      />
      <SortChoice />
      <div class="row layouts">
        <Button
          icon="grid"
          label={t("list.asGrid")}
          pressed={layout.value === "grid"}
          onClick={() => {
            layout.value = "grid";
          }}
        />
        <Button
          icon="list"
          label={t("list.asTable")}
          pressed={layout.value === "table"}
          onClick={() => {
            layout.value = "table";
          }}
        />
      </div>
    </div>
  );
}
