export const enFleetControl = {
  "control.title": "Remote control",
  "control.intro":
    "What admins may do on this node from here. Each is off until an admin allows it, and works only as far as the agent on the machine allows it too.",
  "control.audit": "Every use is in the audit, with your name and address.",
  "control.toAudit": "Audit",
  "control.on": "Allowed",
  "control.off": "Off",
  "control.allow": "Allow",
  "control.forbid": "Switch off",
  "control.terminal": "Terminal",
  "control.terminalText": "A shell on the machine, with the rights of its agent.",
  "control.terminalOpen": "Open a terminal",
  "control.terminalAsk": "Allow terminals on {name}?",
  "control.terminalAskText":
    "Every admin of this hub can then open a shell on {name}, with the rights of its agent, until this is switched off.",
  "control.command": "Commands",
  "control.commandText": "Runs once, with the rights of the agent; the output is kept here.",
  "control.commandOpen": "Run a command",
  "control.commandAsk": "Allow commands on {name}?",
  "control.commandAskText":
    "Every admin of this hub can then run any command on {name}, with the rights of its agent, until this is switched off.",
  "control.offEverywhere":
    "Remote control is switched off for this whole hub. Switch it on in its settings: hub.control.enabled.",
  "control.isOff": "This is switched off for {name}.",
  "control.isOffline": "{name} is offline: nothing reaches it now.",
  "control.agents":
    "Check that the agent on the machine takes it: Komari without --disable-web-ssh, Nezha without disable_command_execute, Farhand with agent.control. Agents that report by single requests have no terminal, and this hub's own machine takes neither.",
  "control.back": "Back to {name}",

  "terminal.title": "Terminal on {name}",
  "terminal.audit":
    "That you opened it, and for how long, is in the audit; what you type is not kept.",
  "terminal.leave": "Shift+Esc leaves the terminal, then Tab goes on.",
  "terminal.again": "Open it again",

  "command.title": "Commands",
  "command.titleOn": "Commands on {name}",
  "command.text": "Command",
  "command.hint":
    "Ctrl+Enter starts it. A shell of the agent runs it once; it cannot be stopped from here; agents end it by themselves, stock ones after two hours.",
  "command.run": "Run",
  "command.runOn": "Run on {count} {count:node|nodes}",
  "command.sure": "Run it on {count} nodes?",
  "command.sureText": "It runs at once on: {names}.",
  "command.andMore": "{names} and {count} more",
  "command.nodes": "Where",
  "command.nodesHint":
    "Only nodes on which an admin has allowed commands are here: {count} of {all}.",
  "command.nodesNone":
    "Commands are allowed on no node yet. Open the page of a node to allow them there.",
  "command.outcome": "Outcome",
  "command.by": "{user}, {time}",
  "command.progress": "{done} of {all} answered",
  "command.slow":
    "No answer from {count} {count:node|nodes} for {duration}: the command takes long, or the agent does not take commands.",
  "command.running": "Running",
  "command.done": "Done",
  "command.doneCode": "Exit code {code}",
  "command.answered": "Answered",
  "command.notRun": "Not run",
  "command.noOutput": "No output",
  "failure.nodeOffline": "The node is not connected.",
  "failure.nodeRemoved": "The node was removed.",
  "failure.agentSilent": "The agent did not answer in time.",
  "failure.forbidden": "It is not allowed any more.",
  "failure.notRecorded": "It could not be recorded, so it was not run.",
  "command.took": "after {duration}",
  "command.gone": "Removed node {id}",
  "command.past": "Earlier commands",
  "command.time": "Time",
  "command.user": "Who",
  "command.state": "Outcome",
  "command.show": "Show",
  "command.none": "Nothing has been run yet.",
  "command.sumDone": "{count} done",
  "command.sumFailed": "{count} failed",
  "command.sumRunning": "{count} running",
} as const;

export type FleetControlKey = keyof typeof enFleetControl;
