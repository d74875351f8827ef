/** Result of one transition: the next state and what the caller has to perform. */
export interface Step<S, E> {
  readonly state: S;
  readonly effects: readonly E[];
}

/** A pure transition function. Time is an input; nothing is performed inside. */
export type Transition<S, I, E> = (state: S, input: I) => Step<S, E>;
