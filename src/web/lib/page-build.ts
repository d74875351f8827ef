/** Whether a reload would bring another page than the one that is open: `told` is what the server would send now. */
export const isOlder = (own: string, told: string): boolean =>
  own !== "" && told !== "" && own !== told;
