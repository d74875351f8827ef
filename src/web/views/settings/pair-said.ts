/** Where a machine that has been paired is shown, as the pairing command tells it; undefined when it does not. */
export const pageIn = (message: string): string | undefined =>
  /^This machine is shown at (https?:\/\/\S+)$/m.exec(message)?.[1];
