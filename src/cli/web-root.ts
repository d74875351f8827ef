import { fileURLToPath } from "node:url";

/** Where the build puts the pages: beside the program, which may be one of its chunks. */
export function webRoot(): string {
  const own = import.meta.url;
  return fileURLToPath(new URL(own.includes("/chunks/") ? "../web" : "./web", own));
}
