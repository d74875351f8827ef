import packageFile from "../../package.json" with { type: "json" };

/** Version of this program. */
export const FARHAND_VERSION: string = packageFile.version;
