import type { Unsubscribe } from "../../core/store.ts";

/** Runs `start` for the first user and its result after the last one has left. */
export function shared(start: () => Unsubscribe): () => Unsubscribe {
  let users = 0;
  let stop = (): void => undefined;
  return () => {
    users += 1;
    if (users === 1) stop = start();
    let isUsing = true;
    return () => {
      if (!isUsing) return;
      isUsing = false;
      users -= 1;
      if (users === 0) stop();
    };
  };
}
