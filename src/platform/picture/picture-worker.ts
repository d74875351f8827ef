// The thread that works on pictures; its messages are those of worker-picture-tools.ts.
import { parentPort } from "node:worker_threads";
import { describeError } from "../../core/errors.ts";
import { performPictureTask } from "./picture-task.ts";
import type { PictureTask } from "./picture-task.ts";

parentPort?.on("message", (task: PictureTask) => {
  try {
    const bytes = performPictureTask(task);
    parentPort?.postMessage({ bytes }, []);
  } catch (error) {
    parentPort?.postMessage({ failure: describeError(error) }, []);
  }
});
