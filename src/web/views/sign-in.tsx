import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { TextField } from "../components/field.tsx";
import { Menu } from "../components/menu.tsx";
import { Outdated } from "../components/outdated.tsx";
import { Preferences } from "../components/shell.tsx";
import { Notice, ToastHost } from "../components/toast.tsx";
import { commonText } from "../i18n/common-text.ts";
import { ApiError, sentenceOf } from "../lib/api.ts";
import { loadProvider, takeRefusal } from "../lib/provider.ts";
import type { SignInProvider } from "../lib/provider.ts";
import { signIn } from "../lib/session.ts";

function problemOf(error: unknown): string {
  const { t } = commonText;
  if (!(error instanceof ApiError)) return sentenceOf(error);
  if (error.status === 403 || error.status === 401) return t("signIn.wrong");
  if (error.status === 400) return t("signIn.invalid");
  return error.status === 429 ? t("signIn.tooOften") : error.message;
}

interface Entered {
  readonly user: string;
  readonly password: string;
  readonly code: string;
}

function Fields({
  entered,
  onChange,
}: {
  readonly entered: Entered;
  readonly onChange: (change: Partial<Entered>) => void;
}): JSX.Element {
  const { t } = commonText;
  const { user, password, code } = entered;
  return (
    <>
      <TextField
        label={t("signIn.user")}
        value={user}
        onInput={(value) => onChange({ user: value })}
        autocomplete="username"
        required
        autofocus
      />
      <TextField
        label={t("signIn.password")}
        value={password}
        onInput={(value) => onChange({ password: value })}
        type="password"
        autocomplete="current-password"
        required
      />
      <TextField
        label={t("signIn.code")}
        hint={t("signIn.codeHint")}
        value={code}
        onInput={(value) => onChange({ code: value })}
        autocomplete="one-time-code"
        inputMode="numeric"
        maxLength={7}
      />
    </>
  );
}

/** The way in through a provider, where one is configured: a link that leaves this page. */
function ProviderLink(): JSX.Element | null {
  const { t } = commonText;
  const [provider, setProvider] = useState<SignInProvider>(undefined);
  useEffect(() => {
    void loadProvider().then(setProvider);
  }, []);
  if (provider === undefined) return null;
  return (
    <a class="button" href="/api/oauth">
      {t(provider === "github" ? "signIn.github" : "signIn.provider")}
    </a>
  );
}

/** Where everybody begins. It tells nothing about the machine. */
export function SignIn(): JSX.Element {
  const { t } = commonText;
  const [entered, setEntered] = useState<Entered>({ user: "", password: "", code: "" });
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const [refusal, setRefusal] = useState(takeRefusal);
  const change = (part: Partial<Entered>): void => setEntered({ ...entered, ...part });
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setRefusal(undefined);
    try {
      await signIn(entered.user, entered.password, entered.code);
    } catch (error) {
      setProblem(problemOf(error));
      change({ code: "" });
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    document.title = t("signIn.title");
  }, [t("signIn.title")]);
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <div class="row">
          <h1 class="grow">{t("signIn.title")}</h1>
          <Menu
            label={`${t("theme.title")}, ${t("language.title")}`}
            icon="globe"
            align="end"
            kind="ghost"
          >
            <Preferences />
          </Menu>
        </div>
        <Outdated />
        {refusal !== undefined && <Notice tone="bad">{t(`signIn.refused.${refusal}`)}</Notice>}
        {problem !== "" && <Notice tone="bad">{problem}</Notice>}
        <Fields entered={entered} onChange={change} />
        <Button kind="primary" type="submit" busy={isBusy}>
          {t("action.signIn")}
        </Button>
        <ProviderLink />
      </form>
      <ToastHost />
    </main>
  );
}
