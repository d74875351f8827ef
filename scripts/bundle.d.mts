import type { BuildOptions } from "esbuild";

export declare const buildOptions: BuildOptions;
export declare function build(): Promise<void>;
