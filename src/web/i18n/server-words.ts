import { fillText } from "./fill-text.ts";

/** Sentences of the server, in plain English, and what they are in a language. `{name}` stands for what differs. */
export type ServerWords = Readonly<Record<string, string>>;

/** What may stand in a place; anything where nothing else is said. */
const PLACES: Readonly<Record<string, string>> = {
  server: String.raw`\S+`,
  file: String.raw`\S+`,
  time: String.raw`\S+`,
  status: String.raw`\d+`,
};

const ESCAPED = /[.*+?^$()|[\]\\]/g;

function patternOf(sentence: string): RegExp {
  const text = sentence.replaceAll(ESCAPED, String.raw`\$&`);
  return new RegExp(
    `^${text.replaceAll(/\{(\w+)\}/g, (_place, name: string) => `(?<${name}>${PLACES[name] ?? ".*"})`)}$`,
  );
}

/** Made when they are needed first. */
const patterns = new Map<string, RegExp>();

function knownPattern(sentence: string): RegExp {
  const known = patterns.get(sentence) ?? patternOf(sentence);
  patterns.set(sentence, known);
  return known;
}

function lineIn(words: ServerWords, line: string): string {
  for (const [sentence, translation] of Object.entries(words)) {
    const found = knownPattern(sentence).exec(line);
    if (found === null) continue;
    const { reason, ...groups } = found.groups ?? {};
    // A reason may be a sentence that is known, too.
    const inner = reason === undefined ? {} : { reason: lineIn(words, reason) };
    return fillText(translation, { ...groups, ...inner });
  }
  return line;
}

/** What the server says, in a language; lines that are not known stay as they are. */
export const translated = (words: ServerWords, text: string): string =>
  text
    .split("\n")
    .map((line) => lineIn(words, line))
    .join("\n");
