import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { ChannelView } from "../../../../protocol/fleet/channels.ts";
import { Button } from "../../../components/button.tsx";
import { confirm } from "../../../components/confirm.tsx";
import { Dot } from "../../../components/status.tsx";
import { Table } from "../../../components/table.tsx";
import { attempt, toast } from "../../../components/toast.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { failureText } from "../../../lib/api.ts";
import { formatAgo } from "../../../lib/format.ts";
import { ask, tell, FLEET } from "../fleet-api.ts";
import { ChannelDialog, outcomeText } from "./channel-dialog.tsx";
import { MessageSettings } from "./message-settings.tsx";
import { perform, useResource } from "../../../lib/resource.ts";
import { RowActions } from "../../../components/row-actions.tsx";
import { Section } from "../../../components/section.tsx";
import { SHAPES } from "../shapes.ts";

function StateText({ state }: Pick<ChannelView, "state">): JSX.Element {
  const { t } = adminText;
  const now = Date.now();
  if (state.problem !== "" && state.failedAt !== null) {
    const when = formatAgo(state.failedAt, now);
    return (
      <span class="row">
        <Dot tone="bad" />
        {t("channels.failed", { when, problem: failureText(state.problemCode, state.problem) })}
      </span>
    );
  }
  if (state.deliveredAt === null) return <span class="muted">{t("channels.unused")}</span>;
  return (
    <span class="row">
      <Dot tone="ok" />
      {t("channels.delivered", { when: formatAgo(state.deliveredAt, now) })}
    </span>
  );
}

async function test({ id }: ChannelView, reload: () => Promise<void>): Promise<void> {
  const outcome = await ask("POST", `/channels/${id}/test`, SHAPES.test);
  toast(outcomeText(outcome), outcome.isDelivered ? "ok" : "bad");
  await reload();
}

async function remove({ id, name }: ChannelView, reload: () => Promise<void>): Promise<void> {
  const { t } = adminText;
  const text = t("channels.removeText", { name });
  const question = { title: `${t("remove")}: ${name}`, text, action: t("remove") };
  if (!(await confirm({ ...question, isDangerous: true }))) return;
  await perform(() => tell("DELETE", `/channels/${id}`), "removed", reload);
}

function columnsOf(edit: (channel: ChannelView) => void, reload: () => Promise<void>) {
  const { t } = adminText;
  return [
    { id: "name", title: t("name"), cell: ({ name }: ChannelView) => name },
    {
      id: "kind",
      title: t("channels.kind"),
      cell: ({ settings }: ChannelView) => t(`channel.${settings.kind}`),
    },
    {
      id: "on",
      title: t("channels.enabled"),
      cell: ({ isEnabled }: ChannelView) => t(isEnabled ? "on" : "off"),
    },
    {
      id: "state",
      title: t("channels.state"),
      cell: ({ state }: ChannelView) => <StateText state={state} />,
    },
    {
      id: "actions",
      title: t("actions"),
      hideTitle: true,
      cell: (channel: ChannelView) => (
        <RowActions
          name={channel.name}
          onEdit={() => edit(channel)}
          onRemove={() => attempt(() => remove(channel, reload))}
        >
          <Button
            kind="ghost"
            icon="play"
            label={`${t("channels.test")}: ${channel.name}`}
            onClick={() => attempt(() => test(channel, reload))}
          />
        </RowActions>
      ),
    },
  ];
}

/** Where messages go, and when they may. */
export function ChannelsAdmin(): JSX.Element {
  const { t } = adminText;
  const channels = useResource(`${FLEET}/channels`, SHAPES.channels);
  const edited = useSignal<ChannelView | "new" | undefined>(undefined);
  const edit = (channel: ChannelView | "new"): void => {
    edited.value = channel;
  };
  return (
    <Section
      title={t("area.channels")}
      intro={t("channels.intro")}
      resource={channels}
      addTitle={t("channels.add")}
      onAdd={() => edit("new")}
    >
      {(rows) => (
        <>
          <Table
            caption={t("area.channels")}
            columns={columnsOf(edit, channels.reload)}
            rows={rows}
            keyOf={({ id }) => id}
            empty={t("channels.none")}
          />
          <MessageSettings />
          {edited.value !== undefined && (
            <ChannelDialog
              channel={edited.value === "new" ? undefined : edited.value}
              onSaved={channels.reload}
              onClose={() => {
                edited.value = undefined;
              }}
            />
          )}
        </>
      )}
    </Section>
  );
}
