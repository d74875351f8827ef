/** Reads the flag afresh: after an `await` a narrowed `signal.aborted` would be a stale fact for the type checker. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
