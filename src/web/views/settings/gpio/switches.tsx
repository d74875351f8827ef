import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import type { SettingsView } from "../../../../protocol/native/settings.ts";
import { Button } from "../../../components/button.tsx";
import { TextField } from "../../../components/field.tsx";
import { Section } from "../../../components/section.tsx";
import { Notice, attempt } from "../../../components/toast.tsx";
import { settingsText } from "../../../i18n/settings-text.ts";
import { textOf } from "../../../lib/json.ts";
import { tell } from "../../../lib/native-api.ts";
import { perform, useResource } from "../../../lib/resource.ts";
import { Items } from "../form/items.tsx";
import type { Problems } from "../form/problems.ts";
import { patchOf } from "../patch.ts";
import { RestartNotice } from "../restart-notice.tsx";
import { SHAPES } from "../shapes.ts";
import { ChannelFields } from "./channel-fields.tsx";
import { DriverFields } from "./driver-fields.tsx";
import { gpioProblems, problemsWithin } from "./gpio-check.ts";
import { changesOf, draftOf, isFixed, isInput, kindsOf, renamed } from "./gpio-draft.ts";
import type { GpioDraft, Named } from "./gpio-draft.ts";
import { MenuEditor } from "./menu-editor.tsx";
import { Preview } from "./preview.tsx";
import { RowCells, TITLE_CELLS } from "./row-cells.tsx";

interface PartProps {
  readonly draft: GpioDraft;
  readonly problems: Problems;
  readonly disabled: boolean;
  readonly onChange: (draft: GpioDraft) => void;
}

function Part({
  title,
  intro,
  children,
}: {
  readonly title: string;
  readonly intro: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="card stack" aria-label={title}>
      <div>
        <h3>{title}</h3>
        <p class="muted">{intro}</p>
      </div>
      {children}
    </section>
  );
}

/** A name that no other one has. */
function freshName(list: readonly Named[], word: string): string {
  const names = new Set(list.map(({ name }) => name));
  let number = 1;
  while (names.has(`${word}${number}`)) number += 1;
  return `${word}${number}`;
}

const titleOfNamed = (name: string, more: string): string =>
  `${name === "" ? settingsText.t("gpio.noName") : name} · ${more}`;

function Channels({ draft, problems, disabled, onChange }: PartProps): JSX.Element {
  const { t } = settingsText;
  const { channels, drivers } = draft;
  const inside = problemsWithin(problems, "channels");
  return (
    <Part title={t("gpio.channels")} intro={t("gpio.channelsIntro")}>
      <Items
        label={t("gpio.channels")}
        items={channels}
        titleOf={(channel) =>
          titleOfNamed(channel.name, t(`gpio.mode.${isInput(channel) ? "input" : "output"}`))
        }
        addTitle={t("gpio.addChannel")}
        blank={(): Named => ({
          name: freshName(channels, "channel"),
          value: { pin: "", mode: "output" },
        })}
        folded
        disabled={disabled}
        isWrong={(index) => problemsWithin(inside, String(index)).size > 0}
        onChange={(next) => onChange({ ...draft, channels: next })}
      >
        {(channel, change, index) => (
          <ChannelFields
            item={channel}
            drivers={drivers.map(({ name }) => name)}
            problems={problemsWithin(inside, String(index))}
            disabled={disabled}
            onRename={(name) => onChange(renamed(draft, index, name))}
            onChange={(value) => change({ ...channel, value })}
          />
        )}
      </Items>
    </Part>
  );
}

function Drivers({ draft, problems, disabled, onChange }: PartProps): JSX.Element {
  const { t } = settingsText;
  const { drivers } = draft;
  const inside = problemsWithin(problems, "drivers");
  return (
    <Part title={t("gpio.drivers")} intro={t("gpio.driversIntro")}>
      <Items
        label={t("gpio.drivers")}
        items={drivers}
        titleOf={({ name, value }) => titleOfNamed(name, textOf(value["type"]))}
        addTitle={t("gpio.addDriver")}
        blank={(): Named => ({ name: freshName(drivers, "driver"), value: { type: "wol" } })}
        folded
        disabled={disabled}
        isWrong={(index) => problemsWithin(inside, String(index)).size > 0}
        onChange={(next) => onChange({ ...draft, drivers: next })}
      >
        {(driver, change, index) => (
          <DriverFields
            item={driver}
            problems={problemsWithin(inside, String(index))}
            disabled={disabled}
            onRename={(name) => change({ ...driver, name })}
            onChange={(value) => change({ ...driver, value })}
          />
        )}
      </Items>
    </Part>
  );
}

/** A text; or cells, where lamps are to be seen without opening the panel. */
function Title({ draft, problems, disabled, onChange }: PartProps): JSX.Element {
  const { t } = settingsText;
  const { title } = draft;
  const change = (next: GpioDraft["title"]): void => onChange({ ...draft, title: next });
  if (typeof title === "string") {
    return (
      <>
        <TextField
          label={t("gpio.title")}
          hint={t("gpio.titleHint")}
          value={title}
          disabled={disabled}
          onInput={change}
        />
        <div>
          <Button disabled={disabled} onClick={() => change([`#${title}`])}>
            {t("gpio.titleLamps")}
          </Button>
        </div>
      </>
    );
  }
  return (
    <fieldset class="field nested">
      <legend>{t("gpio.title")}</legend>
      <RowCells
        label={t("gpio.title")}
        cells={title}
        kinds={kindsOf(draft)}
        types={TITLE_CELLS}
        problems={problemsWithin(problems, "title")}
        disabled={disabled}
        onChange={change}
      />
    </fieldset>
  );
}

function Menu({ draft, problems, disabled, onChange }: PartProps): JSX.Element {
  const { t } = settingsText;
  const { table } = draft;
  return (
    <Part title={t("gpio.menu")} intro={t("gpio.menuIntro")}>
      <Title draft={draft} problems={problems} disabled={disabled} onChange={onChange} />
      <MenuEditor
        table={table}
        kinds={kindsOf(draft)}
        problems={problemsWithin(problems, "table")}
        disabled={disabled}
        onChange={(next) => onChange({ ...draft, table: next })}
      />
    </Part>
  );
}

function Editor({
  view,
  reload,
}: {
  readonly view: SettingsView;
  readonly reload: () => Promise<void>;
}): JSX.Element {
  const { t } = settingsText;
  const saved = draftOf(view.settings);
  const draft = useSignal(saved);
  const problems = gpioProblems(draft.value);
  const changes = changesOf(saved, draft.value);
  const hasChanges = Object.keys(changes).length > 0;
  const disabled = isFixed(view.settings);
  const save = async (): Promise<void> => {
    const body = patchOf(view.settings, changes);
    await perform(() => tell("PATCH", "/native/settings", { body }), "saved", reload);
  };
  const part = {
    draft: draft.value,
    problems,
    disabled,
    onChange(next: GpioDraft) {
      draft.value = next;
    },
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        attempt(save);
      }}
    >
      {disabled && <Notice tone="info">{t("gpio.fixed")}</Notice>}
      <div class="with-preview">
        <Preview draft={draft.value} />
        <div class="stack">
          <Channels {...part} />
          <Menu {...part} />
          <Drivers {...part} />
        </div>
      </div>
      <div class="row wrap save-bar">
        <Button
          type="submit"
          kind="primary"
          disabled={!hasChanges || problems.size > 0 || disabled}
        >
          {t("gpio.save")}
        </Button>
        <span class="problem" role="status">
          {problems.size > 0 && t("config.wrong", { count: problems.size })}
        </span>
      </div>
    </form>
  );
}

/** The owner's switches and lamps: what they are wired to, and how the console shows them. */
export function SwitchesSettings(): JSX.Element {
  const { t } = settingsText;
  const settings = useResource("/native/settings", SHAPES.settings);
  return (
    <Section title={t("area.switches")} intro={t("gpio.intro")} resource={settings}>
      {(view) => (
        <>
          <RestartNotice restarts={view.restarts} reload={settings.reload} />
          <Editor view={view} reload={settings.reload} />
        </>
      )}
    </Section>
  );
}
