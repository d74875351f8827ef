/** Runs jobs one after the other, in the order of the calls. A job that fails does not keep the next from running. */
export type Lane = <T>(job: () => Promise<T>) => Promise<T>;

export function createLane(): Lane {
  let tail: Promise<unknown> = Promise.resolve();
  return (job) => {
    const running = tail.then(job);
    tail = running.catch(() => undefined);
    return running;
  };
}
