// What must be the same in our answer and in the recorded one: status, content type, Allow, Location, cookie, and of the
// body: ok, error class, error text, and the shape (keys and types). Values are compared only where the recording's
// configuration or the protocol determines them.
import type { Answer, RecordedCase } from "./recorded-case.ts";

/** Bodies whose every value is determined by the configuration of the recording. */
const EXACT = new Set(["atx/GET /atx", "gpio/GET /gpio"]);

export function titleOf({ group, name }: RecordedCase): string {
  return `${group}/${name}`;
}

/** The differences, one line each; empty when the answer conforms. */
export function compareAnswers(recorded: RecordedCase, answer: Answer): readonly string[] {
  const { status, headers } = recorded.response;
  return [
    ...compareValue("status", status, answer.status),
    ...["Content-Type", "Content-Disposition", "Allow", "Location"].flatMap((name) =>
      compareValue(name.toLowerCase(), headers[name], answer.headers[name.toLowerCase()]),
    ),
    ...compareCookies(headers["Set-Cookie"], answer.headers["set-cookie"]),
    ...compareBodies(recorded, answer.body),
  ];
}

function compareValue(path: string, expected: unknown, actual: unknown): readonly string[] {
  return Object.is(expected, actual)
    ? []
    : [`${path}: ${show(actual)} instead of ${show(expected)}`];
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

/** Name, form of the value and attributes, in one spelling. */
function normalizeCookie(cookie: string | undefined): string | undefined {
  if (cookie === undefined) return undefined;
  const [pair = "", ...attributes] = cookie.split(";").map((part) => part.trim());
  const value = pair.replace(/=[0-9a-f]{64}$/, "=<64 lower hex>");
  return [value, ...attributes.sort()].join("; ");
}

function compareCookies(
  expected: string | undefined,
  actual: string | undefined,
): readonly string[] {
  return compareValue("set-cookie", normalizeCookie(expected), normalizeCookie(actual));
}

function compareBodies(recorded: RecordedCase, text: string): readonly string[] {
  const { kind, body } = recorded.response;
  if (kind === "binary") return compareLengths(recorded, text);
  if (kind === "text") return compareTexts(String(body), text);
  if (kind === "empty") return compareValue("body", "", text);
  const parsed = parseJson(text);
  if (parsed === undefined) return ["body: no JSON"];
  return compareShapes("body", body, parsed, EXACT.has(titleOf(recorded)));
}

/** A compressor of another version may need some bytes more or less. */
function compareLengths({ response }: RecordedCase, text: string): readonly string[] {
  if (response.headers["Transfer-Encoding"] === "chunked") {
    return compareValue("body has bytes", true, text.length > 0);
  }
  return compareValue("body", response.body, `${text.length} bytes`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Metrics are compared by names and form, other texts literally. */
function compareTexts(expected: string, actual: string): readonly string[] {
  if (!expected.startsWith("# TYPE ")) return compareValue("body", expected, actual);
  const [wanted, found] = [metricNames(expected), metricNames(actual)];
  return [
    ...wanted.filter((name) => !found.includes(name)).map((name) => `body.${name}: missing`),
    ...found.filter((name) => !wanted.includes(name)).map((name) => `body.${name}: unexpected`),
    ...compareValue(
      "body form",
      true,
      /^(?:# TYPE (\w+) gauge\n\1 -?[\d.e+-]+\n(?:\n|$))+$/.test(actual),
    ),
  ];
}

function metricNames(text: string): readonly string[] {
  return [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = ""]) => name);
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Keys that are compared by value wherever they stand. */
const CONSTANTS = new Set(["ok", "error", "error_msg"]);

function compareShapes(
  path: string,
  expected: unknown,
  actual: unknown,
  isExact: boolean,
): readonly string[] {
  if (typeOf(expected) !== typeOf(actual)) {
    return [`${path}: ${typeOf(actual)} instead of ${typeOf(expected)}`];
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return compareArrays(path, expected, actual, isExact);
  }
  if (isObject(expected) && isObject(actual))
    return compareObjects(path, expected, actual, isExact);
  return isExact ? compareValue(path, expected, actual) : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeOf(value) === "object";
}

function compareObjects(
  path: string,
  expected: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, unknown>>,
  isExact: boolean,
): readonly string[] {
  const unexpected = Object.keys(actual)
    .filter((key) => !(key in expected))
    .map((key) => `${path}.${key}: unexpected`);
  const others = Object.entries(expected).flatMap(([key, value]) => {
    const inner = `${path}.${key}`;
    if (!(key in actual)) return [`${inner}: missing`];
    return compareShapes(inner, value, actual[key], isExact || CONSTANTS.has(key));
  });
  return [...unexpected, ...others];
}

/** Without exact comparison an array conforms when its items have the types of the recorded ones. */
function compareArrays(
  path: string,
  expected: readonly unknown[],
  actual: readonly unknown[],
  isExact: boolean,
): readonly string[] {
  if (isExact) {
    return [
      ...compareValue(`${path}.length`, expected.length, actual.length),
      ...expected.flatMap((item, index) =>
        index < actual.length ? compareShapes(`${path}[${index}]`, item, actual[index], true) : [],
      ),
    ];
  }
  const types = new Set(expected.map(typeOf));
  if (types.size === 0) return [];
  const foreign = actual.find((item) => !types.has(typeOf(item)));
  return foreign === undefined ? [] : [`${path}: holds ${typeOf(foreign)}`];
}
