import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { AccountBody, AccountView } from "../../../protocol/fleet/admin.ts";
import { Button } from "../../components/button.tsx";
import { confirm } from "../../components/confirm.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import { Table } from "../../components/table.tsx";
import { Notice, attempt } from "../../components/toast.tsx";
import { settingsText } from "../../i18n/settings-text.ts";
import { tell } from "../../lib/native-api.ts";
import { FormDialog } from "../../components/form-dialog.tsx";
import { perform, useResource } from "../../lib/resource.ts";
import { RowActions } from "../../components/row-actions.tsx";
import { Section } from "../../components/section.tsx";
import { SHAPES } from "./shapes.ts";

const ROLES = ["viewer", "operator", "admin"] as const;

/** Makes the account, or changes what is different. */
async function keep(account: AccountView | undefined, body: AccountBody): Promise<void> {
  if (account === undefined) {
    await tell("POST", "/native/accounts", { body });
    return;
  }
  const patch = {
    ...(body.password === "" ? {} : { password: body.password }),
    ...(body.role === account.role ? {} : { role: body.role }),
  };
  await tell("PATCH", `/native/accounts/${encodeURIComponent(account.user)}`, { body: patch });
}

function AccountDialog({
  account,
  onSaved,
  onClose,
}: {
  readonly account: AccountView | undefined;
  readonly onSaved: () => Promise<void>;
  readonly onClose: () => void;
}): JSX.Element {
  const { t } = settingsText;
  const user = useSignal(account?.user ?? "");
  const password = useSignal("");
  const role = useSignal(account?.role ?? "viewer");
  const save = async (): Promise<void> => {
    await keep(account, { user: user.value.trim(), password: password.value, role: role.value });
    await onSaved();
  };
  return (
    <FormDialog
      title={account === undefined ? t("accounts.add") : t("accounts.edit", { user: account.user })}
      onSave={save}
      onClose={onClose}
    >
      {account === undefined && (
        <TextField
          label={t("accounts.user")}
          hint={t("accounts.userHint")}
          value={user.value}
          required
          autofocus
          onInput={(text) => {
            user.value = text;
          }}
        />
      )}
      <TextField
        label={t(account === undefined ? "accounts.password" : "accounts.newPassword")}
        hint={account === undefined ? undefined : t("accounts.keepPassword")}
        type="password"
        autocomplete="new-password"
        value={password.value}
        required={account === undefined}
        onInput={(text) => {
          password.value = text;
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
    </FormDialog>
  );
}

async function signOut(user: string, reload: () => Promise<void>): Promise<void> {
  const { t } = settingsText;
  const isSure = await confirm({
    title: t("accounts.signOutAll"),
    text: t("accounts.signOutText", { user }),
    action: t("accounts.signOutAll"),
    isDangerous: true,
  });
  const path = `/native/accounts/${encodeURIComponent(user)}/sessions`;
  if (isSure) await perform(() => tell("DELETE", path), "saved", reload);
}

async function remove(user: string, reload: () => Promise<void>): Promise<void> {
  const { t } = settingsText;
  const isSure = await confirm({
    title: `${t("remove")}: ${user}`,
    text: t("accounts.removeText", { user }),
    action: t("remove"),
    isDangerous: true,
  });
  const path = `/native/accounts/${encodeURIComponent(user)}`;
  if (isSure) await perform(() => tell("DELETE", path), "removed", reload);
}

function columnsOf(edit: (account: AccountView) => void, reload: () => Promise<void>) {
  const { t } = settingsText;
  return [
    {
      id: "user",
      title: t("accounts.user"),
      cell: ({ user, isUsable }: AccountView) => (
        <>
          {user}
          {!isUsable && <Notice tone="warn">{t("accounts.unusable")}</Notice>}
        </>
      ),
    },
    {
      id: "role",
      title: t("accounts.role"),
      cell: ({ role }: AccountView) => t(`role.${role}`),
    },
    {
      id: "sessions",
      title: t("accounts.sessions"),
      cell: ({ user, sessions }: AccountView) => (
        <span class="row wrap">
          {t("accounts.sessionCount", { count: sessions.length })}
          {sessions.length > 0 && (
            <Button
              kind="ghost"
              icon="signOut"
              onClick={() => attempt(() => signOut(user, reload))}
            >
              {t("accounts.signOutAll")}
            </Button>
          )}
        </span>
      ),
    },
    {
      id: "actions",
      title: t("actions"),
      hideTitle: true,
      cell: (account: AccountView) => (
        <RowActions
          name={account.user}
          onEdit={() => edit(account)}
          onRemove={() => attempt(() => remove(account.user, reload))}
        />
      ),
    },
  ];
}

/** Who may sign in. */
export function AccountsAdmin(): JSX.Element {
  const { t } = settingsText;
  const accounts = useResource("/native/accounts", SHAPES.accounts);
  const edited = useSignal<AccountView | "new" | undefined>(undefined);
  const edit = (account: AccountView | "new"): void => {
    edited.value = account;
  };
  return (
    <Section
      title={t("area.accounts")}
      intro={t("accounts.intro")}
      resource={accounts}
      addTitle={t("accounts.add")}
      onAdd={() => edit("new")}
    >
      {(rows) => (
        <>
          <Table
            caption={t("area.accounts")}
            columns={columnsOf(edit, accounts.reload)}
            rows={rows}
            keyOf={({ user }) => user}
          />
          {edited.value !== undefined && (
            <AccountDialog
              account={edited.value === "new" ? undefined : edited.value}
              onSaved={accounts.reload}
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
