import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { Document } from "yaml";
import type { Path } from "./json-schema.ts";
import type { ConfigInput, ConfigProblem } from "./problems.ts";

function lineFinder(document: Document, counter: LineCounter): (path: Path) => number | undefined {
  return (path) => {
    let node: unknown = document.contents;
    let offset: number | undefined;
    for (const key of path) {
      if (!isMap(node)) break;
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (pair === undefined) break;
      offset = isScalar(pair.key) ? pair.key.range?.[0] : offset;
      node = pair.value;
    }
    return offset === undefined ? undefined : counter.linePos(offset).line;
  };
}

/** The content of a YAML 1.2 file as an input, or what is wrong with its syntax. An empty file sets nothing. */
export function parseYamlFile(source: string, text: string): ConfigInput | ConfigProblem[] {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    lineCounter: counter,
    prettyErrors: false,
  });
  const refuse = (rule: string, line: number | undefined): ConfigProblem => ({
    path: "",
    value: undefined,
    rule,
    nearest: undefined,
    origin: "file",
    source,
    line,
  });
  if (document.errors.length > 0) {
    return document.errors.map((error) =>
      refuse(`is not valid YAML: ${error.message}`, counter.linePos(error.pos[0]).line),
    );
  }
  try {
    const value: unknown = document.toJS() ?? {};
    return { origin: "file", source, value, lineOf: lineFinder(document, counter) };
  } catch (error) {
    // Aliases that multiply beyond reason.
    return [refuse(`is not valid YAML: ${String(error)}`, undefined)];
  }
}
