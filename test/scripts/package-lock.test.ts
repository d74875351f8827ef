import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { REPOSITORY } from "../support/source-tree.ts";

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
  readFileSync(join(REPOSITORY, "package-lock.json"), "utf8"),
);
const manifest: {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
} = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));

describe("package-lock.json", () => {
  // npm leaves binaries of other platforms out when the registry at hand does not carry them; npm ci then refuses the file.
  it("names the binaries of every platform", () => {
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter(
          (name) =>
            lock.packages[`${path}/node_modules/${name}`] === undefined &&
            lock.packages[`node_modules/${name}`] === undefined,
        )
        .map((name) => `${path}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  // A release is made of nothing else. What only formats and checks the sources is no part of it.
  it("names the checksum of every package that a release is made of", () => {
    const unchecked = Object.entries(lock.packages)
      .filter(([path, { integrity }]) => path !== "" && integrity === undefined)
      .map(([path]) => path)
      .filter((path) => !/^node_modules\/@(?:oxfmt|oxlint|oxlint-tsgolint)\//.test(path));
    expect(unchecked).toEqual([]);
  });

  it("records no download address", () => {
    const addresses = Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined);
    expect(addresses).toEqual([]);
  });
});

describe("package.json", () => {
  it("pins every package exactly", () => {
    const versions = Object.entries({
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.optionalDependencies,
    });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
