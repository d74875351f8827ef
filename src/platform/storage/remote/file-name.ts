/** Percent-decoded, or as it is when that is not possible. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The name in a `Content-Disposition` header (RFC 6266); the extended form wins. */
function nameInHeader(header: string): string | undefined {
  const extended = /filename\*\s*=\s*(?:UTF-8|ISO-8859-1)'[^']*'([^;\s]+)/i.exec(header)?.[1];
  if (extended !== undefined) return decoded(extended);
  const quoted = /filename\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(header)?.[1];
  if (quoted !== undefined) return quoted.replaceAll(/\\(.)/g, "$1");
  return /filename\s*=\s*([^;\s"]+)/i.exec(header)?.[1];
}

/** What to call a download: the server's name for it, else the last part of the address. Folders in it are dropped. */
export function nameOfFile(header: string | undefined, url: URL): string {
  const name = nameInHeader(header ?? "") ?? decoded(url.pathname.split("/").at(-1) ?? "");
  return name.split(/[/\\]/).at(-1) ?? "";
}
