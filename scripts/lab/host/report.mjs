/** @typedef {import("../guest/scenario.ts").Outcome} Outcome */

/** @param {Outcome} outcome */
const verdict = ({ failure }) => (failure === undefined ? "ok" : "FAILED");

/** Says how one scenario went, as soon as it is over. @param {Outcome} outcome */
export function tell(outcome) {
  const { name, seconds, failure } = outcome;
  console.log(`== ${name}: ${verdict(outcome)} (${seconds.toFixed(1)} s)`);
  if (failure !== undefined) console.log(failure.replaceAll(/^/gm, "   "));
}

/** @param {readonly Outcome[]} outcomes */
export function failed(outcomes) {
  return outcomes.filter(({ failure }) => failure !== undefined).length;
}

/** All scenarios with their times and figures, as text. @param {readonly Outcome[]} outcomes */
export function table(outcomes) {
  const rows = outcomes.map((outcome) => [
    outcome.name,
    verdict(outcome),
    `${outcome.checks.length}`,
    outcome.seconds.toFixed(1),
    outcome.figures.join(", "),
  ]);
  const lines = [["scenario", "result", "checks", "seconds", "figures"], ...rows];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
