import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { commonText } from "../i18n/common-text.ts";
import { LANGUAGES, LANGUAGE_NAMES, chooseLanguage, language } from "../i18n/language.ts";
import { followLink, path } from "../lib/router.ts";
import { hasPart, session, signOut } from "../lib/session.ts";
import { THEMES, chooseTheme, theme } from "../lib/theme.ts";
import { useArrival } from "./arrival.ts";
import { FirstRun } from "./first-run.tsx";
import { ConfirmHost } from "./confirm.tsx";
import { Menu, MenuItem, MenuTitle } from "./menu.tsx";
import { Outdated } from "./outdated.tsx";
import { ToastHost, attempt } from "./toast.tsx";

/** Theme, language, the other page of this machine, and the way out. */
export function UserMenu({ page }: { readonly page: "console" | "fleet" }): JSX.Element {
  const { t } = commonText;
  const user = session.value?.user ?? "";
  return (
    <Menu label={t("app.menu", { user })} icon="user" align="end" kind="ghost">
      <MenuTitle>{user}</MenuTitle>
      {page === "console" && hasPart("hub") && (
        <MenuItem icon="grid" href="/fleet">
          {t("app.fleet")}
        </MenuItem>
      )}
      {page === "fleet" && hasPart("device") && (
        <MenuItem icon="monitor" href="/console">
          {t("app.console")}
        </MenuItem>
      )}
      <MenuItem icon="settings" href={`/${page}/settings`}>
        {t("app.settings")}
      </MenuItem>
      <MenuItem icon="signOut" onSelect={() => attempt(signOut)}>
        {t("action.signOut")}
      </MenuItem>
      <hr />
      <Preferences />
      <MenuTitle>{t("app.version", { version: session.value?.version ?? "" })}</MenuTitle>
    </Menu>
  );
}

/** The choices that need no account; part of a menu. */
export function Preferences(): JSX.Element {
  const { t } = commonText;
  return (
    <>
      <MenuTitle>{t("theme.title")}</MenuTitle>
      {THEMES.map((name) => (
        <MenuItem key={name} checked={theme.value === name} onSelect={() => chooseTheme(name)}>
          {t(`theme.${name}`)}
        </MenuItem>
      ))}
      <MenuTitle>{t("language.title")}</MenuTitle>
      {LANGUAGES.map((tag) => (
        <MenuItem key={tag} checked={language.value === tag} onSelect={() => chooseLanguage(tag)}>
          <span lang={tag}>{LANGUAGE_NAMES[tag]}</span>
        </MenuItem>
      ))}
    </>
  );
}

export interface NavLink {
  readonly href: string;
  readonly title: string;
}

function isCurrent(href: string, base: string): boolean {
  return href === base
    ? path.value === href
    : path.value === href || path.value.startsWith(`${href}/`);
}

/** Links between the pages of one document; the first is where they begin. */
export function Navigation({
  label,
  links,
}: {
  readonly label: string;
  readonly links: readonly NavLink[];
}): JSX.Element {
  const base = links[0]?.href ?? "";
  const frame = useRef<HTMLElement>(null);
  const here = path.value;
  useEffect(() => {
    // On a phone the links are wider than the screen.
    frame.current
      ?.querySelector('[aria-current="page"]')
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [here]);
  return (
    <nav ref={frame} aria-label={label}>
      {links.map(({ href, title }) => (
        <a
          key={href}
          href={href}
          aria-current={isCurrent(href, base) ? "page" : undefined}
          onClick={followLink}
        >
          {title}
        </a>
      ))}
    </nav>
  );
}

export interface ShellProps {
  /** Whose page it is. */
  readonly name: string;
  readonly page: "console" | "fleet";
  /** In the top bar, between the name and the menu. */
  readonly bar?: ComponentChildren;
  /** Without the top bar. */
  readonly isBare?: boolean;
  readonly children: ComponentChildren;
}

/** The frame of every page behind the sign-in. */
export function Shell({ name, page, bar, isBare = false, children }: ShellProps): JSX.Element {
  return (
    <div class={isBare ? "shell bare" : "shell"}>
      <a class="button skip" href="#content">
        {commonText.t("app.skip")}
      </a>
      <header class="topbar">
        <a class="brand" href={`/${page}`} onClick={followLink}>
          <span class="mark" aria-hidden="true" />
          <span class="cut">{name === "" ? "Farhand" : name}</span>
        </a>
        {bar ?? <span class="grow" />}
        <UserMenu page={page} />
      </header>
      <Outdated />
      <FirstRun page={page} />
      {children}
      <ConfirmHost />
      <ToastHost />
    </div>
  );
}

/** A page that scrolls, with its content in a column. */
export function Page({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const main = useRef<HTMLElement>(null);
  useArrival(main);
  return (
    <main ref={main} class="page" id="content" tabIndex={-1}>
      <div class="inner">{children}</div>
    </main>
  );
}
