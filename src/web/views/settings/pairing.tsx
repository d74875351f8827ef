import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { SettingsView } from "../../../protocol/native/settings.ts";
import { Button } from "../../components/button.tsx";
import { SelectField, Switch, TextField } from "../../components/field.tsx";
import { Section } from "../../components/section.tsx";
import { attempt, toast } from "../../components/toast.tsx";
import { settingsText } from "../../i18n/settings-text.ts";
import { isObject, listOf, textOf } from "../../lib/json.ts";
import { ask, tell } from "../../lib/native-api.ts";
import { useResource } from "../../lib/resource.ts";
import { pageIn } from "./pair-said.ts";
import { RestartNotice } from "./restart-notice.tsx";
import { SHAPES } from "./shapes.ts";

const KINDS = ["komari-token", "komari-key", "nezha-secret", "nezha-token"] as const;

/** Addresses of the servers that are in the file. */
function serversIn({ settings }: SettingsView): readonly string[] {
  const uplinks = settings.find(({ path }) => path === "agent.uplinks")?.value;
  return listOf(uplinks)
    .filter(isObject)
    .map((uplink) => textOf(uplink["url"]) || textOf(uplink["server"]));
}

interface Draft {
  readonly address: string;
  readonly kind: (typeof KINDS)[number];
  readonly secret: string;
  readonly acceptsAnyCertificate: boolean;
}

const NEW: Draft = {
  address: "",
  kind: "komari-token",
  secret: "",
  acceptsAnyCertificate: false,
};

function PairFields({
  draft,
  change,
}: {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
}): JSX.Element {
  const { t } = settingsText;
  return (
    <>
      <TextField
        label={t("pair.address")}
        value={draft.address}
        required
        placeholder="https://"
        onInput={(address) => change({ address })}
      />
      <SelectField
        label={t("pair.kind")}
        value={draft.kind}
        options={KINDS.map((value) => ({ value, label: t(`pair.${value}`) }))}
        onChange={(kind) => change({ kind })}
      />
      <TextField
        label={t("pair.secret")}
        type="password"
        value={draft.secret}
        required
        onInput={(secret) => change({ secret })}
      />
      <Switch
        checked={draft.acceptsAnyCertificate}
        onChange={(acceptsAnyCertificate) => change({ acceptsAnyCertificate })}
      >
        {t("pair.any")}
      </Switch>
    </>
  );
}

function pairedText(address: string, message: string): string {
  const { t } = settingsText;
  const page = pageIn(message);
  return page === undefined ? t("pair.done", { address }) : t("pair.doneAt", { address, page });
}

function PairForm({ onDone }: { readonly onDone: () => Promise<void> }): JSX.Element {
  const { t } = settingsText;
  const draft = useSignal(NEW);
  const isBusy = useSignal(false);
  const change = (part: Partial<Draft>): void => {
    draft.value = { ...draft.value, ...part };
  };
  const pair = async (): Promise<void> => {
    isBusy.value = true;
    const { address, secret } = draft.value;
    const body = { ...draft.value, address: address.trim(), secret: secret.trim() };
    try {
      const { message } = await ask("POST", "/native/pair", SHAPES.said, { body });
      toast(pairedText(body.address, message), "ok");
      change({ secret: "" });
      await onDone();
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <form
      class="card stack"
      aria-label={t("area.pairing")}
      onSubmit={(event) => {
        event.preventDefault();
        attempt(pair);
      }}
    >
      <PairFields draft={draft.value} change={change} />
      <div>
        <Button type="submit" kind="primary" icon="link" busy={isBusy.value}>
          {t("pair.do")}
        </Button>
      </div>
    </form>
  );
}

/** This machine on monitoring servers. */
export function PairingSettings(): JSX.Element {
  const { t } = settingsText;
  const settings = useResource("/native/settings", SHAPES.settings);
  const letGo = async (address: string): Promise<void> => {
    await tell("POST", "/native/unpair", { body: { address } });
    toast(t("pair.removed", { address }), "ok");
    await settings.reload();
  };
  return (
    <Section title={t("area.pairing")} intro={t("pair.intro")} resource={settings}>
      {(view) => (
        <>
          <RestartNotice restarts={view.restarts} reload={settings.reload} />
          <h3>{t("pair.list")}</h3>
          {serversIn(view).length === 0 && <p class="muted">{t("pair.none")}</p>}
          <ul class="stack">
            {serversIn(view).map((address) => (
              <li key={address} class="row card">
                <span class="grow">{address}</span>
                <Button icon="trash" onClick={() => attempt(() => letGo(address))}>
                  {t("pair.remove")}
                </Button>
              </li>
            ))}
          </ul>
          <PairForm onDone={settings.reload} />
        </>
      )}
    </Section>
  );
}
