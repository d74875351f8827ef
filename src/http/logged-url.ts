const SECRETS = /([?&](?:token|authorization|access_token|api_key|password|code)=)[^&#]*/gi;

/** The address of a request as it may stand in a log: some clients know no other place for their token. */
export function loggedUrl(url: string): string {
  return url.includes("?") ? url.replaceAll(SECRETS, "$1***") : url;
}
