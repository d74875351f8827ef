export const enCommon = {
  "app.console": "Console",
  "app.fleet": "Fleet",
  "app.settings": "Settings",
  "app.skip": "Skip to the content",
  "app.menu": "Menu of {user}",
  "app.version": "Farhand {version}",
  "app.outdated":
    "Farhand was updated after this page was opened. Reload it when nothing of yours is unfinished.",

  "action.cancel": "Cancel",
  "action.close": "Close",
  "action.copy": "Copy",
  "action.copied": "Copied",
  "action.edit": "Edit",
  "action.delete": "Delete",
  "action.retry": "Try again",
  "action.save": "Save",
  "action.signIn": "Sign in",
  "action.signOut": "Sign out",
  "action.reload": "Reload the page",

  "signIn.title": "Sign in",
  "signIn.user": "Name",
  "signIn.password": "Password",
  "signIn.code": "One-time code",
  "signIn.codeHint": "Six digits from your authenticator app, only if one-time codes are on",
  "signIn.wrong":
    "Name, password or one-time code is wrong. Check them, and the clock of your phone.",
  "signIn.invalid": "This cannot be a name or a password here: check for unusual characters.",
  "signIn.tooOften": "Too many failed attempts. Wait a minute, then try again.",
  "signIn.provider": "Sign in with your provider",
  "signIn.github": "Sign in with GitHub",
  "signIn.refused.denied":
    "The provider did not let you sign in: you, or its rules, declined. Try again and agree, or use a name and a password.",
  "signIn.refused.unknown":
    "The provider knows you, but no account here is yours. Ask an admin to enter you under auth.oidc.users; the log has the name to enter.",
  "signIn.refused.expired":
    "This sign-in took too long, or was begun in another browser. Begin again here, and finish within ten minutes.",
  "signIn.refused.unavailable":
    "The provider does not answer, or not as it should. Try again in a minute; if it stays so, use a password and ask an admin to look into the log.",
  "signIn.refused.busy":
    "Too many people are signing in through the provider. Wait a minute, then try again.",
  "signIn.refused.off": "Sign-in through a provider is not set up here. Use a name and a password.",
  "signIn.refused.failed":
    "The sign-in failed here, not at the provider. Use a name and a password; an admin finds the reason in the log.",
  "signIn.showPassword": "Show the password",
  "signIn.hidePassword": "Hide the password",

  "theme.title": "Theme",
  "theme.auto": "Like the system",
  "theme.light": "Light",
  "theme.dark": "Dark",
  "language.title": "Language",

  "link.connecting": "Connecting",
  "link.open": "Connected",
  "link.waiting": "Connection lost. Trying again.",
  "link.closed": "Not connected",

  "toast.dismiss": "Dismiss",
  "toast.region": "Messages",
  "said.saved": "Saved",
  "said.removed": "Removed",
  "said.copyFailed": "The browser does not let pages copy here: select the text and copy it.",
  "first.text": "You are signed in with the password that was made at the first start.",
  "first.must": "Until you choose a password of your own, you may only look.",
  "first.go": "Choose your own",
  "table.sortBy": "Sort by {column}",
  loading: "Loading",
  notFound: "There is no such page.",

  "error.said": "Farhand says: {detail}",
  "error.offline":
    "Farhand does not answer. Check that its machine is switched on and that your network reaches it.",
  "error.signedOut": "You are no longer signed in. Sign in again.",
  "error.forbidden": "Your account may not do this. Ask an administrator.",
  "error.missing": "This is not there any more. Reload the page.",
  "error.busy": "Something else is in progress. Wait until it is done.",
  "error.tooLarge": "This is too large to be taken.",
  "error.tooOften": "Too many attempts. Wait a minute, then try again.",
  "error.unavailable": "Farhand cannot do this now.",
  "error.refused": "Farhand refused this.",
  "error.failed": "Farhand failed at this; its log says why.",
  "error.page": "The page failed at this: {detail} Reload it.",
} as const;

export type CommonKey = keyof typeof enCommon;
