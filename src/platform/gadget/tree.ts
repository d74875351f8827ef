import { join } from "node:path";
import { describeError, errnoOf } from "../../core/errors.ts";
import { bytesOf, CONFIGURATION } from "./plan.ts";
import type { ActualGadget, GadgetPlan, GadgetStep } from "./plan.ts";
import { GadgetOfflineError } from "./port.ts";
import type { TreeFiles } from "./tree-files.ts";

const NEWLINE = bytesOf("\n");
const decoder = new TextDecoder();

/** One gadget in configfs. */
export class GadgetTree {
  readonly #files: TreeFiles;
  readonly #root: string;

  constructor(files: TreeFiles, root: string) {
    this.#files = files;
    this.#root = root;
  }

  path(...parts: readonly string[]): string {
    return join(this.#root, ...parts);
  }

  /** A value without its newline; undefined when there is no such file. */
  text(...parts: readonly string[]): string | undefined {
    const bytes = this.#files.read(this.path(...parts));
    return bytes === undefined ? undefined : decoder.decode(bytes).trim();
  }

  exists(...parts: readonly string[]): boolean {
    return this.#files.exists(this.path(...parts));
  }

  /** Writes one value; an empty one as the newline that the kernel takes for it. */
  write(value: string | Uint8Array, ...parts: readonly string[]): void {
    const bytes = bytesOf(value);
    this.#files.write(this.path(...parts), bytes.length === 0 ? NEWLINE : bytes);
  }

  read(plan: GadgetPlan): ActualGadget {
    const paths = [
      ...plan.attributes.map(({ path }) => path),
      ...plan.functions.flatMap(({ name, attributes }) =>
        attributes.map(({ path }) => `functions/${name}/${path}`),
      ),
    ];
    const values = new Map<string, Uint8Array>();
    for (const path of paths) {
      const value = this.#files.read(this.path(path));
      if (value !== undefined) values.set(path, value);
    }
    return {
      values,
      folders: new Set(plan.folders.filter((path) => this.exists(path))),
      functions: this.#files.list(this.path("functions")),
      links: this.links(),
      udc: this.text("UDC") ?? "",
    };
  }

  /** Performs the steps in order. Throws `GadgetOfflineError` that names the step that the kernel refused. */
  apply(steps: readonly GadgetStep[]): void {
    for (const step of steps) {
      try {
        this.#perform(step);
      } catch (error) {
        const what = "path" in step ? step.path : "name" in step ? step.name : "";
        throw new GadgetOfflineError(
          `The kernel refused to ${step.op} ${what}: ${describeError(error)}`,
          { cause: error },
        );
      }
    }
  }

  #perform(step: GadgetStep): void {
    switch (step.op) {
      case "mkdir":
        this.#files.mkdir(this.path(step.path));
        return;
      case "rmdir":
        this.#files.rmdir(this.path(step.path));
        return;
      case "write":
        if (step.attribute.isOptional === true && !this.exists(step.path)) return;
        this.write(step.attribute.value, step.path);
        return;
      case "link":
        this.#files.link(this.path("functions", step.name), this.path(CONFIGURATION, step.name));
        return;
      case "unlink":
        this.#files.unlink(this.path(CONFIGURATION, step.name));
        return;
      case "bind":
        this.write(step.udc, "UDC");
        return;
      case "unbind":
        this.#unbind();
    }
  }

  #unbind(): void {
    try {
      this.write("", "UDC");
    } catch (error) {
      // It was not bound, or the controller is gone.
      if (errnoOf(error) !== "ENODEV") throw error;
    }
  }

  /** Names of the linked functions, in the order in which they are made. */
  links(): readonly string[] {
    const names = this.#files.list(this.path(CONFIGURATION));
    // Functions have a dot in their name; the kernel's own files here do not.
    return names.filter((name) => name.includes("."));
  }
}
