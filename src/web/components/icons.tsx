import type { JSX } from "preact";

/** Paths on a grid of 24, drawn for this program. */
const PATHS = {
  alert: "M12 4 2.5 20h19zM12 10v4.5M12 17.2v.1",
  archive: "M3 5h18v4H3zM5 9v10h14V9M10 13h4",
  arrowDown: "M12 5v14M6 13l6 6 6-6",
  arrowUp: "M12 19V5M6 11l6-6 6 6",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4",
  camera: "M3 8h4l2-3h6l2 3h4v11H3zM12 17a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  chart: "M4 4v16h16M8 15l3.5-4 3 2.5L20 7",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevronDown: "M6 9.5l6 6 6-6",
  chevronLeft: "M14.5 6l-6 6 6 6",
  chevronRight: "M9.5 6l6 6-6 6",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  disc: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  drive: "M4 6h16v12H4zM7.5 14.5h.1M11 14.5h6",
  edit: "M4 20l1-4.5L16.5 4l3.5 3.5L8.5 19zM14 6.5l3.5 3.5",
  eject: "M12 5l7 9H5zM5 18.5h14",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  eyeOff:
    "M4 4l16 16M9.5 6a9.6 9.6 0 0 1 2.5-.4c6 0 9.5 6.4 9.5 6.4a17 17 0 0 1-3 3.7M6.2 7.9A16 16 0 0 0 2.5 12s3.5 6.5 9.5 6.5a9 9 0 0 0 4-1",
  filter: "M4 5h16l-6 8v6l-4-2v-4z",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M8 9h8v6H8z",
  folder: "M3 6h6l2 2.5h10V19H3z",
  fullscreen: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  globe:
    "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c3 3 3.5 6 3.5 9s-.5 6-3.5 9c-3-3-3.5-6-3.5-9S9 6 12 3z",
  grid: "M4 4h6.5v6.5H4zM13.5 4H20v6.5h-6.5zM4 13.5h6.5V20H4zM13.5 13.5H20V20h-6.5z",
  help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.8v.1",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.6v.1",
  key: "M8 19a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM11.2 11.2 19 3.5M15.5 7l3 3",
  keyboard: "M2.5 6h19v12h-19zM6 9.7h.1M9.5 9.7h.1M13 9.7h.1M16.5 9.7h.1M6 13h.1M18 13h.1M9 14.5h6",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4.2 4.2 0 0 0-6-6L11.5 7M14 10a4 4 0 0 0-6-.4l-3 3a4.2 4.2 0 0 0 6 6l1.5-1.6",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.1M4 12h.1M4 18h.1",
  lock: "M5 11h14v9H5zM8 11V8a4 4 0 0 1 8 0v3",
  log: "M5 3.500h14v17H5zM8.5 8h7M8.5 12h7M8.5 16h4",
  menu: "M4 7h16M4 12h16M4 17h16",
  minus: "M5 12h14",
  monitor: "M3 4.500h18v12H3zM9 20h6M12 16.500V20",
  mouse: "M12 21a6 6 0 0 0 6-6V9A6 6 0 0 0 6 9v6a6 6 0 0 0 6 6zM12 7v4",
  network: "M9 3.500h6v5H9zM3 15.500h6v5H3zM15 15.500h6v5h-6zM12 8.500V12M6 15.500V12h12v3.5",
  more: "M5 11.5v1M12 11.5v1M19 11.5v1M4.5 12h1M11.5 12h1M18.5 12h1",
  paste: "M8 5H5v16h14V5h-3M8 3h8v4H8zM8.5 12h7M8.5 16h5",
  pause: "M8 5v14M16 5v14",
  play: "M7 4.500v15l12-7.500z",
  plus: "M12 5v14M5 12h14",
  power: "M12 3v9M6.5 6.500a8 8 0 1 0 11 0",
  refresh: "M20 12a8 8 0 1 1-2.5-5.800M20 3.500V8h-4.5",
  search: "M10.5 17.500a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM15.5 15.5 21 21",
  server: "M4 4h16v6.500H4zM4 13.500h16V20H4zM7.5 7.200h.1M7.5 16.700h.1",
  settings:
    "M4 7h9M17 7h3M4 17h3M11 17h9M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM9 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  shield: "M12 3l8 3v6c0 5-3.5 7.7-8 9-4.5-1.3-8-4-8-9V6z",
  signOut: "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
  spinner: "M12 3a9 9 0 1 0 9 9",
  star: "M12 3.500l2.6 5.5 6 .8-4.4 4.2 1.1 6L12 17.1 6.7 20l1.1-6L3.4 9.800l6-.8z",
  tag: "M3.5 12.500V4h8.500l8.5 8.5-8 8zM8 8h.1",
  terminal: "M3 4.500h18v15H3zM7 9l3.5 3L7 15M13 15.500h4",
  text: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8 9h8M12 9v7",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  upload: "M12 16V5M7 9l5-5 5 5M4 20h16",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.500a7.5 7.5 0 0 1 15 0",
  users:
    "M9 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19.500a6.5 6.5 0 0 1 13 0M15.5 5.300a3.5 3.5 0 0 1 0 6.400M17.5 14a6.5 6.5 0 0 1 4 5.5",
  zap: "M13 3 5 13.500h6L10.5 21 19 10.500h-6z",
} as const;

export type IconName = keyof typeof PATHS;

export interface IconProps {
  readonly name: IconName;
  readonly spins?: boolean | undefined;
}

/** Decoration only: what it means is said in words beside it, or by the label of its button. */
export function Icon({ name, spins = false }: IconProps): JSX.Element {
  return (
    <svg class={spins ? "icon spin" : "icon"} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
