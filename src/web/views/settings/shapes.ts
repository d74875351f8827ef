import type { AccountView, IssuedTokenView, TokenView } from "../../../protocol/fleet/admin.ts";
import type {
  SettingsView,
  SetupView,
  TakeOverView,
  TlsView,
  TotpOffer,
} from "../../../protocol/native/settings.ts";
import { listOf, shape } from "../../lib/shape.ts";

/** One's own sessions. */
export interface OwnSessions {
  readonly sessions: readonly {
    readonly id: string;
    readonly createdAt: number;
    readonly lastSeenAt: number;
    readonly lastAddress: string;
    readonly lastUserAgent: string;
  }[];
  readonly mine: string | null;
}

/** Answers below `/native`, by the members that tell them apart. */
export const SHAPES = {
  accounts: listOf(shape<AccountView>("user", "role", "sessions")),
  tokens: listOf(shape<TokenView>("id", "name", "role")),
  issuedToken: shape<IssuedTokenView>("id", "token"),
  settings: shape<SettingsView>("file", "settings", "restarts"),
  takeOver: shape<TakeOverView>("restarted", "problem", "failures"),
  setup: shape<SetupView>("hasFirstPassword", "mustChangePassword", "hasOneTimeCodes"),
  sessions: shape<OwnSessions>("sessions", "mine"),
  totp: shape<TotpOffer>("secret", "uri", "qr"),
  tls: shape<TlsView>("mode", "certificate", "problem"),
  said: shape<{ readonly message: string }>("message"),
} as const;
