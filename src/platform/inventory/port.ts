/** A device node as this process sees it. */
export interface DeviceNode {
  readonly path: string;
  readonly readable: boolean;
  readonly writable: boolean;
}

/** The account that this process runs as. */
export interface ProcessUser {
  readonly name: string;
  readonly uid: number;
  /** Names of its groups. */
  readonly groups: readonly string[];
}

/** `listening`: somebody takes connections. `silent`: a socket that nobody listens on. `forbidden`: for this account. */
export type SocketAnswer = "listening" | "silent" | "absent" | "forbidden";

/** The JavaScript engine and the file that it runs. */
export interface Runtime {
  readonly version: string;
  readonly program: string;
  readonly script: string;
}

/** What a machine has, for people who look for what is missing. Nothing here rejects: what cannot be read is absent. */
export interface Inventory {
  /** Sorted names in a folder, empty when it is missing. */
  names(folder: string): Promise<readonly string[]>;
  /** Trimmed text of a small file of /proc or /sys. */
  text(path: string): Promise<string | undefined>;
  /** Undefined when there is no such node. */
  node(path: string): Promise<DeviceNode | undefined>;
  /** The closest existing folder on the way to `path` may be written to. */
  canCreate(path: string): Promise<boolean>;
  user(): Promise<ProcessUser>;
  /** Connects to a socket of this machine and hangs up. */
  socket(path: string): Promise<SocketAnswer>;
  runtime(): Runtime;
  /** Loads a native package; undefined when it works, else why not. */
  addonFailure(name: string): Promise<string | undefined>;
}
