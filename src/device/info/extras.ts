import type { ExtrasInfo } from "./info-state.ts";

/** What PiKVM's clients look for by name; all of it is switched off until something here provides it. */
export const DEFAULT_EXTRAS: ExtrasInfo = {
  ipmi: {
    name: "IPMI",
    description: "Show IPMI information",
    icon: "share/svg/ipmi.svg",
    path: "ipmi",
    daemon: "kvmd-ipmi",
    place: 21,
    port: 623,
    enabled: false,
    started: false,
  },
  vnc: {
    name: "VNC",
    description: "Show VNC information",
    icon: "share/svg/vnc.svg",
    path: "vnc",
    daemon: "kvmd-vnc",
    place: 20,
    port: 5900,
    enabled: false,
    started: false,
  },
  webterm: {
    name: "Terminal",
    description: "Open terminal in a web browser",
    icon: "extras/webterm/terminal.svg",
    path: "extras/webterm/ttyd",
    daemon: "kvmd-webterm",
    place: 10,
    enabled: false,
    started: false,
  },
};

/** The extras with the terminal as it is configured; it needs no process of its own, so enabled means started. */
export function extrasOf(options: { readonly hasTerminal: boolean }): ExtrasInfo {
  const { webterm, ...others } = DEFAULT_EXTRAS;
  if (webterm === undefined || !options.hasTerminal) return DEFAULT_EXTRAS;
  return { ...others, webterm: { ...webterm, enabled: true, started: true } };
}
