/** Files of `name:value` lines: the password file and the roles beside it. Comments and the order of lines survive changes. */

const isEntry = (line: string): boolean => !line.trimStart().startsWith("#") && line.includes(":");

const nameOf = (line: string): string => line.slice(0, line.indexOf(":")).trim();

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

const join = (lines: readonly string[]): string =>
  lines.length === 0 ? "" : `${lines.join("\n")}\n`;

/** Values by name, in file order. Of repeated names the first line counts. */
export function parseEntries(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of linesOf(text)) {
    if (!isEntry(line)) continue;
    const name = nameOf(line);
    if (name !== "" && !entries.has(name)) {
      entries.set(name, line.slice(line.indexOf(":") + 1).trim());
    }
  }
  return entries;
}

/** The text with the entry replaced, or added at the end. */
export function withEntry(text: string, name: string, value: string): string {
  const lines = linesOf(text);
  const at = lines.findIndex((line) => isEntry(line) && nameOf(line) === name);
  if (at === -1) lines.push(`${name}:${value}`);
  else lines[at] = `${name}:${value}`;
  return join(lines);
}

/** The text without any line of that name. */
export function withoutEntry(text: string, name: string): string {
  return join(linesOf(text).filter((line) => !isEntry(line) || nameOf(line) !== name));
}
