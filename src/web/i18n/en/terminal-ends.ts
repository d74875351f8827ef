/** Why a terminal has ended: of nodes by `TERMINAL_ENDS`, of the device by the reason of its closing frame. */
export const enTerminalEnds = {
  ended: "The terminal has ended.",
  endedWhy: "The terminal has ended: {reason}.",
  refused: "There is no terminal. {problem}",
  exited: "The shell has ended",
  agentClosed: "The agent closed the terminal",
  agentGone: "The agent has gone",
  agentSilent: "The agent did not answer",
  viewerLeft: "The visitor has left",
  nobodyCame: "Nobody came for this terminal",
  idle: "Nothing happened for too long",
  timeLimit: "The terminal was open for too long",
  notRead: "The other end does not read",
  switchedOff: "An admin has switched terminals off",
  tokenChanged: "The node's token changed",
  nodeRemoved: "The node was removed",
  nodeOffline: "The node is not connected",
  hubStops: "The hub stops",
  left: "The visitor has left",
  stopped: "The device is stopping",
  noHello: "The device waited for the page in vain",
} as const;

export type TerminalEndsKey = keyof typeof enTerminalEnds;
