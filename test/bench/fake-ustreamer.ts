// The capture program of the benchmark: `fake-ustreamer.js` with ustreamer's arguments, pictures as FAKE_SIZE and FAKE_FPS
// in the environment say.
import { answerOf, FakeUstreamer } from "../support/fake-ustreamer.ts";

const args = process.argv.slice(2);
const answer = answerOf(args[0] ?? "");
if (answer === undefined) {
  const { FAKE_SIZE, FAKE_FPS } = process.env;
  new FakeUstreamer(args, { size: Number(FAKE_SIZE), fps: Number(FAKE_FPS) }).listen();
  process.once("SIGTERM", () => process.exit(0));
} else {
  process.stdout.write(answer);
}
