import type { JSX } from "preact";
import type { ChannelKind, ChannelSettings } from "../../../../protocol/fleet/channels.ts";
import { SelectField, TextField } from "../../../components/field.tsx";
import type { FleetAdminKey } from "../../../i18n/en/fleet-admin.ts";
import { adminText } from "../../../i18n/fleet-admin-text.ts";

export const CHANNEL_KINDS = [
  "webhook",
  "email",
  "telegram",
  "bark",
  "serverchan",
  "ntfy",
] as const satisfies readonly ChannelKind[];

/** As it is typed: every field a text. */
export type ChannelDraft = Readonly<Record<string, string>>;

interface FieldOf {
  readonly name: string;
  readonly label: FleetAdminKey;
  readonly hint?: FleetAdminKey;
  readonly isRequired?: boolean;
  /** Never told again by the hub. */
  readonly isSecret?: boolean;
  readonly rows?: number;
  readonly choices?: readonly string[];
  readonly first?: string;
}

const SERVER: FieldOf = { name: "server", label: "field.server", hint: "field.serverHint" };

const FIELDS: Readonly<Record<ChannelKind, readonly FieldOf[]>> = {
  webhook: [
    { name: "url", label: "field.url", isRequired: true },
    { name: "method", label: "field.method", choices: ["POST", "GET", "PUT"], first: "POST" },
    { name: "contentType", label: "field.contentType", hint: "field.contentTypeHint" },
    { name: "headers", label: "field.headers", hint: "field.headersHint", isSecret: true, rows: 2 },
    { name: "body", label: "field.body", hint: "field.bodyHint", rows: 4 },
  ],
  email: [
    { name: "host", label: "field.host", isRequired: true },
    { name: "port", label: "field.port", isRequired: true, first: "587" },
    {
      name: "security",
      label: "field.security",
      choices: ["starttls", "tls", "none"],
      first: "starttls",
    },
    { name: "user", label: "field.user" },
    { name: "password", label: "field.password", isSecret: true },
    { name: "from", label: "field.from", isRequired: true },
    { name: "to", label: "field.to", hint: "field.toHint", isRequired: true },
  ],
  telegram: [
    { name: "token", label: "field.token", isSecret: true },
    { name: "chatId", label: "field.chatId", isRequired: true },
    { name: "topic", label: "field.topic" },
    SERVER,
  ],
  bark: [{ name: "key", label: "field.key", isSecret: true }, SERVER],
  serverchan: [{ name: "key", label: "field.key", isSecret: true }],
  ntfy: [
    { name: "topic", label: "field.topic", isRequired: true },
    { name: "token", label: "field.token", isSecret: true },
    SERVER,
  ],
};

export function firstDraft(kind: ChannelKind): ChannelDraft {
  return Object.fromEntries(FIELDS[kind].map(({ name, first = "" }) => [name, first]));
}

export function draftOf(settings: ChannelSettings): ChannelDraft {
  const told: Readonly<Record<string, unknown>> = settings;
  const texts = FIELDS[settings.kind].map(({ name, first = "" }) => {
    const value = told[name];
    if (Array.isArray(value)) return [name, value.join(", ")] as const;
    const isTold = typeof value === "string" || typeof value === "number";
    return [name, isTold ? String(value) : first] as const;
  });
  return Object.fromEntries(texts);
}

/** What is sent: numbers and lists as such; a secret that was left empty is left out, so that it stays. */
export function settingsOf(
  kind: ChannelKind,
  draft: ChannelDraft,
): Readonly<Record<string, unknown>> {
  const values = FIELDS[kind].flatMap(({ name, isSecret }): [string, unknown][] => {
    const text = (draft[name] ?? "").trim();
    if (isSecret === true && text === "") return [];
    if (name === "port") return [[name, Number(text)]];
    if (name === "to") return [[name, text.split(/[,，\s]+/).filter((word) => word !== "")]];
    return [[name, text]];
  });
  return { kind, ...Object.fromEntries(values) };
}

function DraftField({
  field,
  value,
  isKept,
  onChange,
}: {
  readonly field: FieldOf;
  readonly value: string;
  /** There is a secret already. */
  readonly isKept: boolean;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const { t } = adminText;
  const { label, hint, choices, isRequired = false, isSecret = false, rows = 1 } = field;
  if (choices !== undefined) {
    const options = choices.map((choice) => ({ value: choice, label: choice }));
    return <SelectField label={t(label)} value={value} options={options} onChange={onChange} />;
  }
  return (
    <TextField
      label={t(label)}
      hint={isKept ? t("channels.keep") : hint === undefined ? undefined : t(hint)}
      type={isSecret && rows === 1 ? "password" : "text"}
      autocomplete="off"
      rows={rows}
      value={value}
      required={isRequired}
      onInput={onChange}
    />
  );
}

export function ChannelFields({
  kind,
  draft,
  secrets,
  onChange,
}: {
  readonly kind: ChannelKind;
  readonly draft: ChannelDraft;
  /** Secrets that are set. */
  readonly secrets: readonly string[];
  readonly onChange: (draft: ChannelDraft) => void;
}): JSX.Element {
  return (
    <>
      {FIELDS[kind].map((field) => (
        <DraftField
          key={field.name}
          field={field}
          value={draft[field.name] ?? ""}
          isKept={field.isSecret === true && secrets.includes(field.name)}
          onChange={(value) => onChange({ ...draft, [field.name]: value })}
        />
      ))}
    </>
  );
}
