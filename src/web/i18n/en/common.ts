export const enCommon = {
  "app.console": "Console",
  "app.fleet": "Fleet",
  "app.skip": "Skip to the content",
  "app.menu": "Menu of {user}",
  "app.version": "Farhand {version}",

  "action.cancel": "Cancel",
  "action.close": "Close",
  "action.copy": "Copy",
  "action.copied": "Copied",
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
  "table.sortBy": "Sort by {column}",
  loading: "Loading",
  notFound: "There is no such page.",

  "error.said": "The device says: {detail}",
  "error.offline":
    "The device does not answer. Check that it is switched on and that your network reaches it.",
  "error.signedOut": "You are no longer signed in. Sign in again.",
  "error.forbidden": "Your account may not do this. Ask an administrator.",
  "error.missing": "This is not there any more. Reload the page.",
  "error.busy": "Something else is in progress. Wait until it is done.",
  "error.tooLarge": "This is too large for the device.",
  "error.tooOften": "Too many attempts. Wait a minute, then try again.",
  "error.unavailable": "The device cannot do this now.",
  "error.refused": "The device refused this.",
  "error.failed": "The device failed at this; its log says why.",
  "error.page": "The page failed at this: {detail} Reload it.",
} as const;

export type CommonKey = keyof typeof enCommon;
