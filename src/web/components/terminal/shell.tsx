import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { OpenTerminalLink } from "./terminal-link.ts";
import { openTerminal } from "./terminal-session.ts";

/** How a shell has ended by itself. */
export interface ShellEnd {
  /** Why, for `terminalEndedText`; often empty. */
  readonly code: string;
  /** There was no output at all. */
  readonly wasSilent: boolean;
}

/** A shell in a box of its own; `notice` stands above it when it has ended, with the way to another one. */
export function Shell({
  link,
  notice,
}: {
  readonly link: OpenTerminalLink;
  readonly notice: (end: ShellEnd, onAgain: () => void) => JSX.Element;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [round, setRound] = useState(0);
  const [end, setEnd] = useState<ShellEnd | undefined>(undefined);
  useEffect(() => {
    if (box.current === null) return undefined;
    setEnd(undefined);
    return openTerminal(box.current, {
      link,
      onEnd: (code, wasSilent) => setEnd({ code, wasSilent }),
    });
  }, [round]);
  return (
    <>
      {end !== undefined && notice(end, () => setRound(round + 1))}
      <div ref={box} class="shell-box" />
    </>
  );
}
