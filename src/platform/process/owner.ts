import { statSync } from "node:fs";

/**
 * Root that works in another user's folder becomes that user, so that no file is left there which its owner could not
 * write. Anybody else, and a folder that is root's or not there, changes nothing.
 */
export function becomeOwnerOf(folder: string): void {
  if (process.getuid?.() !== 0) return;
  const owner = statSync(folder, { throwIfNoEntry: false });
  if (owner === undefined || owner.uid === 0) return;
  process.setgroups?.([owner.gid]);
  process.setgid?.(owner.gid);
  process.setuid?.(owner.uid);
}
