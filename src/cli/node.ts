/** `farhand node`: the nodes of the hub's fleet. The running daemon is asked; without one the database itself is opened. */
import { parseArgs } from "node:util";
import Type from "typebox";
import { Check } from "typebox/value";
import { AppError, describeError, ValidationError } from "../core/errors.ts";
import { askDaemon, DaemonRefusedError, textOf } from "../http/local-client.ts";
import type { LocalRequest } from "../http/local-client.ts";
import { UsageError } from "./args.ts";
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "./io.ts";
import type { CliOutput } from "./output.ts";
import { USAGE } from "./usage.ts";

interface NodeParts {
  readonly socketPath: string;
}

/** Gives the socket of a daemon, or of one that is there for as long as `use` takes; the exit code. */
export type ReachDaemon = (use: (socketPath: string) => Promise<number>) => Promise<number>;

const ANY_CERTIFICATE = `The certificate of this hub is self-signed, and agents refuse such a one. So the commands above tell them to accept any
certificate: what they send is encrypted, but they cannot tell this hub from a machine that poses as it. With a
certificate that these machines trust (http.tls.mode: files), that option is left out.`;

// The part of our fleet API's answers that is shown.
const Node = Type.Object({ uuid: Type.String(), name: Type.String(), group: Type.String() });
const NodeList = Type.Object({ nodes: Type.Array(Node) });
const IssuedNode = Type.Object({
  node: Node,
  token: Type.String(),
  install: Type.Array(
    Type.Object({
      title: Type.String(),
      command: Type.String(),
      acceptsAnyCertificate: Type.Boolean(),
    }),
  ),
});
type NodeView = Type.Static<typeof Node>;
type Issued = Type.Static<typeof IssuedNode>;

const ROOT = "/native/fleet/nodes";

function reasonIn(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed) {
      return String(parsed.message);
    }
  } catch {
    // Not JSON: shown as it is.
  }
  return body.slice(0, 200);
}

async function call(
  { socketPath }: NodeParts,
  method: LocalRequest["method"],
  path: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await askDaemon({ socketPath, method, path, body });
  const text = await textOf(answer, reasonIn);
  const parsed: unknown = JSON.parse(text === "" ? "null" : text);
  return parsed;
}

/** The daemon is of this version, as a rule: after an upgrade it may still be the former one. */
function strange(): DaemonRefusedError {
  return new DaemonRefusedError("The daemon answers in another language: restart it");
}

async function nodes(parts: NodeParts): Promise<readonly NodeView[]> {
  const answer = await call(parts, "GET", ROOT);
  if (!Check(NodeList, answer)) throw strange();
  return answer.nodes;
}

async function issue(parts: NodeParts, path: string, body?: unknown): Promise<Issued> {
  const answer = await call(parts, "POST", path, body);
  if (!Check(IssuedNode, answer)) throw strange();
  return answer;
}

/** A node by its uuid, or by its name when only one has it. */
async function find(parts: NodeParts, word: string): Promise<NodeView> {
  const all = await nodes(parts);
  const byUuid = all.find(({ uuid }) => uuid === word);
  if (byUuid !== undefined) return byUuid;
  const [named, ...more] = all.filter(({ name }) => name === word);
  if (named === undefined) {
    throw new ValidationError(`There is no node '${word}'; see farhand node list`);
  }
  if (more.length > 0)
    throw new ValidationError(`Several nodes are called '${word}': give the uuid`);
  return named;
}

function showIssued({ node, token, install }: Issued, out: CliOutput): void {
  out.stdout(`Node ${node.name}\n  uuid   ${node.uuid}\n  token  ${token}`);
  out.stdout("The token is shown only now. On the machine itself, one of:");
  for (const { title, command } of install) out.stdout(`  ${title}:\n    ${command}`);
  if (install.some((hint) => hint.acceptsAnyCertificate)) out.stdout(ANY_CERTIFICATE);
}

interface Options {
  readonly group?: string | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly hidden?: boolean | undefined;
  readonly json?: boolean | undefined;
}

type Act = (word: string, options: Options, parts: NodeParts, out: CliOutput) => Promise<void>;

/** As JSON, or for people. */
function showResult(value: Issued, json: boolean, out: CliOutput): void {
  if (json) out.stdout(JSON.stringify(value));
  else showIssued(value, out);
}

const ACTS: Readonly<Record<string, Act>> = {
  async add(name, options, parts, out) {
    const { group, tag, hidden } = options;
    const body = {
      name,
      ...(group === undefined ? {} : { group }),
      ...(tag === undefined ? {} : { tags: tag }),
      ...(hidden === undefined ? {} : { isHidden: hidden }),
    };
    showResult(await issue(parts, ROOT, body), options.json === true, out);
  },
  async remove(word, options, parts, out) {
    const { uuid, name } = await find(parts, word);
    await call(parts, "DELETE", `${ROOT}/${uuid}`);
    out.stdout(options.json === true ? JSON.stringify({ uuid }) : `Removed ${name} (${uuid})`);
  },
  async token(word, options, parts, out) {
    const { uuid } = await find(parts, word);
    showResult(await issue(parts, `${ROOT}/${uuid}/token`), options.json === true, out);
  },
};

async function list(parts: NodeParts, { json }: Options, out: CliOutput): Promise<void> {
  const all = await nodes(parts);
  if (json === true) {
    out.stdout(JSON.stringify(all));
    return;
  }
  if (all.length === 0) out.stderr("There are no nodes; farhand node add makes one");
  for (const { uuid, name, group } of all) out.stdout([uuid, name, group].join("\t"));
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        group: { type: "string" },
        tag: { type: "string", multiple: true },
        hidden: { type: "boolean" },
        json: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(`${describeError(error)}\n${USAGE.node}`);
  }
}

type Task = (parts: NodeParts, out: CliOutput) => Promise<void>;

/** What to do; throws `UsageError`. */
function understand(words: readonly string[]): Task {
  const { values, positionals } = parse(words);
  const [verb = "", word, ...more] = positionals;
  if (verb === "list" && word === undefined) return (parts, out) => list(parts, values, out);
  const act = Object.hasOwn(ACTS, verb) ? ACTS[verb] : undefined;
  if (act === undefined || word === undefined || more.length > 0) throw new UsageError(USAGE.node);
  return (parts, out) => act(word, values, parts, out);
}

/** Runs the command; the result is the exit code. Nothing is opened for what is not understood. */
export async function nodeCommand(
  words: readonly string[],
  reach: ReachDaemon,
  out: CliOutput,
): Promise<number> {
  try {
    const task = understand(words);
    return await reach(async (socketPath) => {
      await task({ socketPath }, out);
      return EXIT_OK;
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    out.stderr(error.message);
    return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE;
  }
}
