import type { AuthConfig } from "../../config/schema.ts";
import type { WebClient } from "../../platform/web/port.ts";
import { demandSafe, ProviderError } from "./identity-provider.ts";
import type { IdentityProvider, SignInGrant, SignInRequest } from "./identity-provider.ts";
import { callProvider, textOf } from "./provider-calls.ts";

const GITHUB = "https://github.com";
const GITHUB_API = "https://api.github.com";

/** GitHub, which speaks OAuth but not OpenID Connect. People are numbers: names are given to somebody else later. */
export class GithubProvider implements IdentityProvider {
  readonly issuer = undefined;
  readonly #config: AuthConfig["oidc"];
  readonly #web: WebClient;
  readonly #site: string;
  readonly #api: string;

  constructor(config: AuthConfig["oidc"], web: WebClient) {
    this.#config = config;
    this.#web = web;
    const own = config.issuer.replace(/\/+$/, "");
    this.#site = own === "" ? GITHUB : own;
    this.#api = own === "" || own === GITHUB ? GITHUB_API : `${own}/api/v3`;
  }

  addressFor({ redirectUri, state, challenge }: SignInRequest): Promise<string> {
    const query = new URLSearchParams({
      client_id: this.#config.clientId,
      redirect_uri: redirectUri,
      state,
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    return Promise.resolve(`${demandSafe(this.#site)}/login/oauth/authorize?${query.toString()}`);
  }

  async identify({ code, redirectUri, verifier }: SignInGrant): Promise<string> {
    const { clientId, clientSecret } = this.#config;
    const answer = await callProvider(this.#web, {
      url: `${this.#site}/login/oauth/access_token`,
      form: {
        client_id: clientId,
        client_secret: clientSecret,
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      },
    });
    const token = textOf(answer, "access_token");
    const headers = { Authorization: `Bearer ${token}`, Accept: "application/vnd.github+json" };
    const { id } = await callProvider(this.#web, { url: `${this.#api}/user`, headers });
    if (typeof id !== "number" || !Number.isSafeInteger(id)) {
      throw new ProviderError("GitHub does not say who it is");
    }
    return String(id);
  }
}
