/** Lets other events run; long hashing loops call it now and then so that a password check never stalls the server. */
export function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
