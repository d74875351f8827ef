import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { IssuedTokenView, TokenView } from "../../../protocol/fleet/admin.ts";
import { Button } from "../../components/button.tsx";
import { confirm } from "../../components/confirm.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import { Table } from "../../components/table.tsx";
import { attempt } from "../../components/toast.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { settingsText } from "../../i18n/settings-text.ts";
import { formatTime } from "../../lib/format.ts";
import { ask, tell } from "../../lib/native-api.ts";
import { CopyField } from "../../components/copy-field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { perform, useResource } from "../../lib/resource.ts";
import { Section } from "../../components/section.tsx";
import { SHAPES } from "./shapes.ts";

const ROLES = ["viewer", "operator", "admin"] as const;
const DAY_MS = 86_400_000;

function NewToken({
  onMade,
  onClose,
}: {
  readonly onMade: (token: IssuedTokenView) => Promise<void>;
  readonly onClose: () => void;
}): JSX.Element {
  const { t } = settingsText;
  const name = useSignal("");
  const role = useSignal<(typeof ROLES)[number]>("viewer");
  const days = useSignal("");
  const save = async (): Promise<void> => {
    const left = Number(days.value);
    const expiresAt = left > 0 ? Date.now() + Math.round(left * DAY_MS) : null;
    const body = { name: name.value.trim(), role: role.value, expiresAt };
    await onMade(await ask("POST", "/native/tokens", SHAPES.issuedToken, { body }));
  };
  return (
    <FormDialog title={t("tokens.add")} onSave={save} onClose={onClose}>
      <TextField
        label={t("name")}
        value={name.value}
        required
        autofocus
        maxLength={64}
        onInput={(text) => {
          name.value = text;
        }}
      />
      <SelectField
        label={t("accounts.role")}
        value={role.value}
        options={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
        onChange={(value) => {
          role.value = value;
        }}
      />
      <TextField
        label={t("tokens.expires")}
        hint={t("tokens.expiresHint")}
        type="number"
        value={days.value}
        onInput={(text) => {
          days.value = text;
        }}
      />
    </FormDialog>
  );
}

function IssuedDialog({
  token,
  onClose,
}: {
  readonly token: IssuedTokenView;
  readonly onClose: () => void;
}): JSX.Element {
  const { t } = settingsText;
  return (
    <Dialog
      title={t("tokens.issued", { name: token.name })}
      onClose={onClose}
      actions={
        <Button kind="primary" onClick={onClose}>
          {commonText.t("action.close")}
        </Button>
      }
    >
      <p>{t("tokens.issuedText")}</p>
      <CopyField label={t("secret")} text={token.token} />
    </Dialog>
  );
}

function columnsOf(reload: () => Promise<void>) {
  const { t } = settingsText;
  const when = (at: number | null, otherwise: string): string =>
    at === null ? otherwise : formatTime(at);
  const revoke = async ({ id, name }: TokenView): Promise<void> => {
    const isSure = await confirm({
      title: `${t("tokens.revoke")}: ${name}`,
      text: t("tokens.revokeText", { name }),
      action: t("tokens.revoke"),
      isDangerous: true,
    });
    if (isSure) await perform(() => tell("DELETE", `/native/tokens/${id}`), "removed", reload);
  };
  return [
    { id: "name", title: t("name"), cell: ({ name }: TokenView) => name },
    { id: "user", title: t("tokens.user"), cell: ({ user }: TokenView) => user },
    {
      id: "role",
      title: t("accounts.role"),
      cell: ({ role }: TokenView) => t(`role.${role}`),
    },
    {
      id: "created",
      title: t("tokens.created"),
      cell: ({ createdAt }: TokenView) => formatTime(createdAt, "date"),
    },
    {
      id: "used",
      title: t("tokens.lastUsed"),
      cell: ({ lastUsedAt }: TokenView) => when(lastUsedAt, t("tokens.never")),
    },
    {
      id: "until",
      title: t("tokens.until"),
      cell: ({ expiresAt }: TokenView) => when(expiresAt, "–"),
    },
    {
      id: "actions",
      title: t("actions"),
      hideTitle: true,
      cell: (token: TokenView) => (
        <Button kind="ghost" icon="trash" onClick={() => attempt(() => revoke(token))}>
          {t("tokens.revoke")}
        </Button>
      ),
    },
  ];
}

/** Keys of programs. */
export function TokensAdmin(): JSX.Element {
  const { t } = settingsText;
  const tokens = useResource("/native/tokens", SHAPES.tokens);
  const isAdding = useSignal(false);
  const issued = useSignal<IssuedTokenView | undefined>(undefined);
  return (
    <Section
      title={t("area.tokens")}
      intro={t("tokens.intro")}
      resource={tokens}
      addTitle={t("tokens.add")}
      onAdd={() => {
        isAdding.value = true;
      }}
    >
      {(rows) => (
        <>
          <Table
            caption={t("area.tokens")}
            columns={columnsOf(tokens.reload)}
            rows={rows}
            keyOf={({ id }) => id}
            empty={t("tokens.none")}
          />
          {isAdding.value && (
            <NewToken
              onMade={async (token) => {
                issued.value = token;
                await tokens.reload();
              }}
              onClose={() => {
                isAdding.value = false;
              }}
            />
          )}
          {issued.value !== undefined && (
            <IssuedDialog
              token={issued.value}
              onClose={() => {
                issued.value = undefined;
              }}
            />
          )}
        </>
      )}
    </Section>
  );
}
