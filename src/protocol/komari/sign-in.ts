/** How a sign-in through a provider that came to nothing is told to the page on which it began. */

/** The page, and the parameter of its address that says why. */
const SIGN_IN_PAGE = "/fleet";
const REFUSAL_PARAMETER = "sign-in";

/**
 * `denied`: its owner or the provider did not agree. `unknown`: the provider vouches for somebody who has no account here.
 * `expired`: not begun in this browser within the last minutes. `unavailable`: the provider cannot be reached, or its
 * answer cannot be used. `busy`: too many at once. `off`: there is no provider. `failed`: a fault of this server.
 */
const SIGN_IN_REFUSALS = [
  "denied",
  "unknown",
  "expired",
  "unavailable",
  "busy",
  "off",
  "failed",
] as const;
export type SignInRefusal = (typeof SIGN_IN_REFUSALS)[number];

export function refusalAddress(refusal: SignInRefusal): string {
  return `${SIGN_IN_PAGE}?${REFUSAL_PARAMETER}=${refusal}`;
}

/** Of the query of an address; undefined for any word that is not one of ours. */
export function refusalIn(query: string): SignInRefusal | undefined {
  const word = new URLSearchParams(query).get(REFUSAL_PARAMETER);
  return SIGN_IN_REFUSALS.find((known) => known === word);
}
