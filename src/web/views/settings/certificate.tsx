import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { TlsView } from "../../../protocol/native/settings.ts";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { Section } from "../../components/section.tsx";
import { Notice, attempt } from "../../components/toast.tsx";
import { serverWordsText } from "../../i18n/server-words-text.ts";
import { settingsText } from "../../i18n/settings-text.ts";
import { formatTime } from "../../lib/format.ts";
import { tell } from "../../lib/native-api.ts";
import { perform, useResource } from "../../lib/resource.ts";
import { RestartNotice } from "./restart-notice.tsx";
import { SHAPES } from "./shapes.ts";

function Present({ certificate, problem }: Omit<TlsView, "mode">): JSX.Element {
  const { t } = settingsText;
  if (certificate === null) return <Notice tone="warn">{t("tls.off")}</Notice>;
  const { subject, issuer, from, to, names, fingerprint } = certificate;
  const lines = [
    [t("tls.subject"), subject],
    [t("tls.issuer"), issuer],
    [t("tls.valid"), `${formatTime(from, "date")} – ${formatTime(to, "date")}`],
    [t("tls.names"), names.join(", ")],
    [t("tls.fingerprint"), fingerprint],
  ] as const;
  return (
    <>
      {problem !== null && (
        <Notice tone="warn">{t("tls.problem", { problem: serverWordsText(problem) })}</Notice>
      )}
      <dl class="facts card">
        {lines.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Replace({ onSaved }: { readonly onSaved: () => Promise<void> }): JSX.Element {
  const { t } = settingsText;
  const certificate = useSignal("");
  const key = useSignal("");
  const save = async (): Promise<void> => {
    const body = { certificate: certificate.value, key: key.value };
    if (await perform(() => tell("PUT", "/native/tls", { body }), "saved", onSaved)) key.value = "";
  };
  return (
    <form
      class="card stack"
      aria-label={t("tls.replace")}
      onSubmit={(event) => {
        event.preventDefault();
        attempt(save);
      }}
    >
      <h3>{t("tls.replace")}</h3>
      <TextField
        label={t("tls.cert")}
        rows={5}
        required
        value={certificate.value}
        onInput={(text) => {
          certificate.value = text;
        }}
      />
      <TextField
        label={t("tls.key")}
        rows={5}
        required
        value={key.value}
        onInput={(text) => {
          key.value = text;
        }}
      />
      <div>
        <Button type="submit" kind="primary">
          {t("tls.save")}
        </Button>
      </div>
    </form>
  );
}

/** With what the server proves who it is. */
export function CertificateSettings(): JSX.Element {
  const { t } = settingsText;
  const tls = useResource("/native/tls", SHAPES.tls);
  const settings = useResource("/native/settings", SHAPES.settings);
  const reload = async (): Promise<void> => {
    await Promise.all([tls.reload(), settings.reload()]);
  };
  return (
    <Section title={t("area.certificate")} intro={t("tls.intro")} resource={tls}>
      {({ certificate, problem }) => (
        <>
          <RestartNotice restarts={settings.value.value?.restarts ?? []} reload={settings.reload} />
          <Present certificate={certificate} problem={problem} />
          {settings.value.value !== undefined && <Replace onSaved={reload} />}
        </>
      )}
    </Section>
  );
}
