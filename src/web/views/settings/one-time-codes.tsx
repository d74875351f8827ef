import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { TotpOffer } from "../../../protocol/native/settings.ts";
import { Button } from "../../components/button.tsx";
import { confirm } from "../../components/confirm.tsx";
import { CopyField } from "../../components/copy-field.tsx";
import { TextField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { attempt } from "../../components/toast.tsx";
import { settingsText } from "../../i18n/settings-text.ts";
import { ask, tell } from "../../lib/native-api.ts";
import { QrCode } from "./qr-code.tsx";
import { SHAPES } from "./shapes.ts";

function OfferDialog({
  offer,
  onDone,
  onClose,
}: {
  readonly offer: TotpOffer;
  readonly onDone: () => Promise<void>;
  readonly onClose: () => void;
}): JSX.Element {
  const { t } = settingsText;
  const code = useSignal("");
  const save = async (): Promise<void> => {
    await tell("PUT", "/native/totp", { body: { code: code.value.replaceAll(/\s/g, "") } });
    await onDone();
  };
  return (
    <FormDialog
      title={t("codes.title")}
      saveTitle={t("codes.confirm")}
      onSave={save}
      onClose={onClose}
    >
      <p>{t("codes.scan")}</p>
      <QrCode rows={offer.qr} label={t("codes.qr")} />
      <CopyField label={t("codes.secret")} text={offer.secret} />
      <TextField
        label={t("codes.code")}
        value={code.value}
        required
        autofocus
        inputMode="numeric"
        autocomplete="one-time-code"
        maxLength={7}
        onInput={(text) => {
          code.value = text;
        }}
      />
    </FormDialog>
  );
}

/** The second factor of all accounts. */
export function OneTimeCodes({
  isOn,
  reload,
}: {
  readonly isOn: boolean;
  readonly reload: () => Promise<void>;
}): JSX.Element {
  const { t } = settingsText;
  const offer = useSignal<TotpOffer | undefined>(undefined);
  const begin = async (): Promise<void> => {
    offer.value = await ask("POST", "/native/totp", SHAPES.totp);
  };
  const stop = async (): Promise<void> => {
    const question = { title: t("codes.stop"), text: t("codes.stopText"), action: t("codes.stop") };
    if (!(await confirm({ ...question, isDangerous: true }))) return;
    await tell("DELETE", "/native/totp");
    await reload();
  };
  return (
    <section class="card stack" aria-label={t("codes.title")}>
      <h2>{t("codes.title")}</h2>
      <p class="muted">{t(isOn ? "codes.on" : "codes.off")}</p>
      <div>
        {isOn ? (
          <Button kind="danger" onClick={() => attempt(stop)}>
            {t("codes.stop")}
          </Button>
        ) : (
          <Button kind="primary" icon="shield" onClick={() => attempt(begin)}>
            {t("codes.start")}
          </Button>
        )}
      </div>
      {offer.value !== undefined && (
        <OfferDialog
          offer={offer.value}
          onDone={reload}
          onClose={() => {
            offer.value = undefined;
          }}
        />
      )}
    </section>
  );
}
