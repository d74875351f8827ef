/** A clock that is moved by hand; timers wait for it. */
export function movedClock(startAt: number) {
  let moved = 0;
  const timers = new Set<{ readonly dueAt: number; readonly callback: () => void }>();
  return {
    now: () => startAt + moved,
    monotonic: () => moved,
    setTimer(delayMs: number, callback: () => void) {
      const timer = { dueAt: moved + delayMs, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    move(ms: number): void {
      moved += ms;
      for (const timer of timers) {
        if (timer.dueAt > moved || !timers.delete(timer)) continue;
        timer.callback();
      }
    },
  };
}
