import { useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import type { SettingView, SettingsView } from "../../../protocol/native/settings.ts";
import { Button } from "../../components/button.tsx";
import { Switch, TextField } from "../../components/field.tsx";
import { Section } from "../../components/section.tsx";
import { attempt } from "../../components/toast.tsx";
import { settingsText } from "../../i18n/settings-text.ts";
import { tell } from "../../lib/native-api.ts";
import { perform, useResource } from "../../lib/resource.ts";
import { RestartNotice } from "./restart-notice.tsx";
import { SettingField, typedOf, valueOf } from "./setting-field.tsx";
import type { Typed } from "./setting-field.tsx";
import { SHAPES } from "./shapes.ts";

/** Undefined: back to the default. */
type Changes = ReadonlyMap<string, Typed | undefined>;

interface Filter {
  readonly search: string;
  readonly isChangedOnly: boolean;
}

function isShown(setting: SettingView, { search, isChangedOnly }: Filter): boolean {
  if (isChangedOnly && setting.origin === "default") return false;
  const text = `${setting.path} ${setting.description}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** By the first key of their paths, in the order of the file. */
function groupsOf(settings: readonly SettingView[]): ReadonlyMap<string, SettingView[]> {
  const groups = new Map<string, SettingView[]>();
  for (const setting of settings) {
    const [name = "", ...rest] = setting.path.split(".");
    const group = rest.length === 0 ? "" : name === "device" ? `device.${rest[0] ?? ""}` : name;
    groups.set(group, [...(groups.get(group) ?? []), setting]);
  }
  return groups;
}

function bodyOf({ settings }: SettingsView, changes: Changes): Readonly<Record<string, unknown>> {
  const byPath = new Map(settings.map((setting) => [setting.path, setting]));
  const values = Array.from(changes, ([path, typed]) => {
    const setting = byPath.get(path);
    const isReset = typed === undefined || setting === undefined;
    return [path, isReset ? null : valueOf(setting, typed)] as const;
  });
  return { changes: Object.fromEntries(values) };
}

function problemOf(setting: SettingView, typed: Typed | undefined): string | undefined {
  if (typed === undefined) return undefined;
  try {
    valueOf(setting, typed);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : undefined;
  }
}

function Group({
  name,
  settings,
  changes,
  onChange,
}: {
  readonly name: string;
  readonly settings: readonly SettingView[];
  readonly changes: Changes;
  readonly onChange: (changes: Changes) => void;
}): JSX.Element {
  return (
    <fieldset class="card stack">
      <legend class="label">{name === "" ? settingsText.t("title") : name}</legend>
      {settings.map((setting) => {
        const { path } = setting;
        const typed = changes.get(path);
        const isReset = changes.has(path) && typed === undefined;
        const canReset = setting.origin === "file" && !isReset;
        return (
          <SettingField
            key={path}
            setting={setting}
            typed={typed ?? typedOf(isReset ? { ...setting, value: setting.default } : setting)}
            problem={problemOf(setting, typed)}
            onChange={(next) => onChange(new Map([...changes, [path, next]]))}
            onReset={
              canReset ? () => onChange(new Map([...changes, [path, undefined]])) : undefined
            }
          />
        );
      })}
    </fieldset>
  );
}

function Bar({
  filter,
  count,
}: {
  readonly filter: Signal<Filter>;
  readonly count: number;
}): JSX.Element {
  const { t } = settingsText;
  return (
    <div class="row wrap settings-bar">
      <TextField
        label={t("config.search")}
        type="search"
        value={filter.value.search}
        onInput={(search) => {
          filter.value = { ...filter.value, search };
        }}
      />
      <Switch
        checked={filter.value.isChangedOnly}
        onChange={(isChangedOnly) => {
          filter.value = { ...filter.value, isChangedOnly };
        }}
      >
        {t("config.changed")}
      </Switch>
      <span class="grow" />
      <Button type="submit" kind="primary" disabled={count === 0}>
        {t("config.save", { count })}
      </Button>
    </div>
  );
}

function Fields({
  view,
  reload,
}: {
  readonly view: SettingsView;
  readonly reload: () => Promise<void>;
}): JSX.Element {
  const { t } = settingsText;
  const filter = useSignal<Filter>({ search: "", isChangedOnly: false });
  const changes = useSignal<Changes>(new Map());
  const shown = view.settings.filter((setting) => isShown(setting, filter.value));
  const count = changes.value.size;
  const save = async (): Promise<void> => {
    const body = bodyOf(view, changes.value);
    const isDone = await perform(
      () => tell("PATCH", "/native/settings", { body }),
      "saved",
      reload,
    );
    if (isDone) changes.value = new Map();
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        attempt(save);
      }}
    >
      <Bar filter={filter} count={count} />
      {shown.length === 0 && <p class="empty">{t("config.none")}</p>}
      {Array.from(groupsOf(shown), ([name, settings]) => (
        <Group
          key={name}
          name={name}
          settings={settings}
          changes={changes.value}
          onChange={(next) => {
            changes.value = next;
          }}
        />
      ))}
    </form>
  );
}

/** Everything that is in the configuration file. */
export function ConfigurationSettings(): JSX.Element {
  const { t } = settingsText;
  const settings = useResource("/native/settings", SHAPES.settings);
  const file = settings.value.value?.file ?? "";
  return (
    <Section
      title={t("area.configuration")}
      intro={t("config.intro", { file })}
      resource={settings}
    >
      {(view) => (
        <>
          <RestartNotice restarts={view.restarts} reload={settings.reload} />
          <Fields view={view} reload={settings.reload} />
        </>
      )}
    </Section>
  );
}
