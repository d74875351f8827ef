// Order of versions, by the rules of semantic versioning.

const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?$/;

/** @param {string} version */
export const isVersion = (version) => VERSION.test(version);

/** @param {string} version @returns {{ numbers: readonly number[], pre: readonly string[] }} */
function parse(version) {
  const [, major, minor, patch, pre = ""] = VERSION.exec(version) ?? [];
  if (major === undefined) throw new Error(`${version} is not a version`);
  return { numbers: [major, minor, patch].map(Number), pre: pre === "" ? [] : pre.split(".") };
}

/** Numbers come before words. @param {string} left @param {string} right */
function comparePart(left, right) {
  const [isLeft, isRight] = [left, right].map((part) => /^\d+$/.test(part));
  if (isLeft && isRight) return Number(left) - Number(right);
  if (isLeft !== isRight) return isLeft ? -1 : 1;
  return left < right ? -1 : Number(left > right);
}

/** Of pre-releases of the same version. @param {readonly string[]} left @param {readonly string[]} right */
function comparePre(left, right) {
  // A release comes after its pre-releases.
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const order = comparePart(left[index] ?? "", right[index] ?? "");
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Negative when the left one is older. Throws for what is not a version. @param {string} left @param {string} right */
export function compareVersions(left, right) {
  const [one, other] = [parse(left), parse(right)];
  for (const [index, number] of one.numbers.entries()) {
    const order = number - (other.numbers[index] ?? 0);
    if (order !== 0) return order;
  }
  return comparePre(one.pre, other.pre);
}
