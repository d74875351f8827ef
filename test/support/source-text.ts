/** Blanks out comments, and the insides of strings, templates and regular expressions; keeps line breaks and lengths. */
export function codeOnly(source: string): string {
  return blank(source, { strings: true });
}

/** Blanks out comments only. */
export function withoutComments(source: string): string {
  return blank(source, { strings: false });
}

/** The comments alone, one per entry. */
export function commentsOf(source: string): readonly string[] {
  return tokens(source).filter((token) => token.startsWith("//") || token.startsWith("/*"));
}

const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`|(?<=(?:^|[=(,:[!&|?{};+]|=>|\breturn)\s*)\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;

function tokens(source: string): readonly string[] {
  return source.match(TOKEN) ?? [];
}

function blank(source: string, options: { readonly strings: boolean }): string {
  return source.replace(TOKEN, (token) => {
    const isComment = token.startsWith("//") || token.startsWith("/*");
    if (isComment) return token.replace(/[^\n]/g, " ");
    if (!options.strings) return token;
    return token[0] + token.slice(1, -1).replace(/[^\n]/g, " ") + token[0];
  });
}

/** One import or re-export of a module. */
export interface ImportLine {
  readonly specifier: string;
  /** Erased at run time. */
  readonly isType: boolean;
  /** `import("...")`. */
  readonly isDynamic: boolean;
  /** `export * from`. */
  readonly isReexportOfAll: boolean;
}

const STATIC = /^[ \t]*(import|export)\s+(?:([^"';]*?)\s+from\s+)?["']([^"']+)["']/gm;
const DYNAMIC = /(\btypeof\s+)?\bimport\(\s*["']([^"']+)["']\s*\)/g;

function isTypeClause(clause: string): boolean {
  if (clause.startsWith("type ")) return true;
  const named = /^\{([\s\S]*)\}$/.exec(clause)?.[1];
  if (named === undefined) return false;
  const names = named.split(",").filter((name) => name.trim() !== "");
  return names.length > 0 && names.every((name) => name.trim().startsWith("type "));
}

/** The words are blanked out in the code, so they are the inside of a string. */
function isInString(code: string, index: number, words: string): boolean {
  return !code.startsWith(words, index);
}

/** Every import of a module's text. */
export function importsOf(source: string): readonly ImportLine[] {
  const text = withoutComments(source);
  const code = codeOnly(source);
  const found: ImportLine[] = [];
  for (const match of text.matchAll(STATIC)) {
    const [whole, keyword = "", clause = "", specifier = ""] = match;
    if (isInString(code, match.index + whole.indexOf(keyword), keyword)) continue;
    found.push({
      specifier,
      isType: isTypeClause(clause.trim()),
      isDynamic: false,
      isReexportOfAll: keyword === "export" && clause.trim().startsWith("*"),
    });
  }
  for (const match of text.matchAll(DYNAMIC)) {
    const [whole, typeQuery, specifier = ""] = match;
    if (isInString(code, match.index, whole.slice(0, whole.indexOf("(")))) continue;
    found.push({
      specifier,
      isType: typeQuery !== undefined,
      isDynamic: true,
      isReexportOfAll: false,
    });
  }
  return found;
}
