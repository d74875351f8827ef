// npm run build: installs what is missing and builds what changed.
import "./node-version.mjs";
import { ensureBuilt, ensureInstalled } from "./workspace.mjs";

ensureInstalled();
await ensureBuilt();
