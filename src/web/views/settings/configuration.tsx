import { useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import type { SettingView, SettingsView } from "../../../protocol/native/settings.ts";
import { Button } from "../../components/button.tsx";
import { Switch, TextField } from "../../components/field.tsx";
import { Section } from "../../components/section.tsx";
import { attempt } from "../../components/toast.tsx";
import { settingText } from "../../i18n/setting-texts.ts";
import { settingsText } from "../../i18n/settings-text.ts";
import { tell } from "../../lib/native-api.ts";
import { followLink } from "../../lib/router.ts";
import { perform, useResource } from "../../lib/resource.ts";
import { RestartNotice } from "./restart-notice.tsx";
import { NO_PROBLEMS } from "./form/problems.ts";
import { patchOf } from "./patch.ts";
import { groupsOf, isSwitches } from "./setting-groups.ts";
import type { GroupName } from "./setting-groups.ts";
import { SettingField, problemsOf, typedOf, valueOf } from "./setting-field.tsx";
import type { Typed } from "./setting-field.tsx";
import { SHAPES } from "./shapes.ts";

/** Undefined: back to the default. */
type Changes = ReadonlyMap<string, Typed>;

interface Filter {
  readonly search: string;
  readonly isChangedOnly: boolean;
}

function isShown(setting: SettingView, { search, isChangedOnly }: Filter): boolean {
  if (isChangedOnly && setting.origin === "default") return false;
  const { path, description } = setting;
  const text = `${path} ${description} ${settingText(path, "")}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function bodyOf({ settings }: SettingsView, changes: Changes): ReturnType<typeof patchOf> {
  const byPath = new Map(settings.map((setting) => [setting.path, setting]));
  const values = Array.from(changes, ([path, typed]) => {
    const setting = byPath.get(path);
    const isReset = typed === undefined || setting === undefined;
    return [path, isReset ? null : valueOf(setting, typed)] as const;
  });
  return patchOf(settings, Object.fromEntries(values));
}

function Group({
  name,
  settings,
  base,
  changes,
  onChange,
}: {
  readonly name: GroupName;
  readonly settings: readonly SettingView[];
  readonly base: string;
  readonly changes: Changes;
  readonly onChange: (changes: Changes) => void;
}): JSX.Element {
  const { t } = settingsText;
  return (
    <fieldset class="card stack">
      <legend class="label">{t(`group.${name}`)}</legend>
      {settings.some(isSwitches) && (
        <p class="muted">
          {t("config.switches")}{" "}
          <a href={`${base}/switches`} onClick={followLink}>
            {t("area.switches")}
          </a>
        </p>
      )}
      {settings
        .filter((setting) => !isSwitches(setting))
        .map((setting) => {
          const { path } = setting;
          const typed = changes.get(path);
          const isReset = changes.has(path) && typed === undefined;
          const canReset = setting.origin === "file" && !isReset;
          return (
            <SettingField
              key={path}
              setting={setting}
              typed={typed ?? typedOf(isReset ? { ...setting, value: setting.default } : setting)}
              problems={typed === undefined ? NO_PROBLEMS : problemsOf(setting, typed)}
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
  wrongCount,
}: {
  readonly filter: Signal<Filter>;
  readonly count: number;
  readonly wrongCount: number;
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
      <span class="grow" role="status">
        {wrongCount > 0 && <span class="problem">{t("config.wrong", { count: wrongCount })}</span>}
      </span>
      <Button type="submit" kind="primary" disabled={count === 0 || wrongCount > 0}>
        {t("config.save", { count })}
      </Button>
    </div>
  );
}

/** How many fields that were changed are not right. */
function wrongCountOf({ settings }: SettingsView, changes: Changes): number {
  return settings.reduce((sum, setting) => {
    const typed = changes.get(setting.path);
    return typed === undefined ? sum : sum + problemsOf(setting, typed).size;
  }, 0);
}

function Fields({
  view,
  base,
  reload,
}: {
  readonly view: SettingsView;
  readonly base: string;
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
      // Fields say themselves what is wrong with them; browsers find fault with every fraction.
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        attempt(save);
      }}
    >
      <Bar filter={filter} count={count} wrongCount={wrongCountOf(view, changes.value)} />
      {shown.length === 0 && <p class="empty">{t("config.none")}</p>}
      {Array.from(groupsOf(shown), ([name, settings]) => (
        <Group
          key={name}
          name={name}
          settings={settings}
          base={base}
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
export function ConfigurationSettings({ base }: { readonly base: string }): JSX.Element {
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
          <Fields view={view} base={base} reload={settings.reload} />
        </>
      )}
    </Section>
  );
}
