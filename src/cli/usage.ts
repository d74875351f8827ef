/** What is shown to whoever asks how a command is written, and to whoever wrote it wrong. */
import { USER_ROLES } from "../http/auth/principal.ts";

const GENERAL = `Usage: farhand [command] [--config FILE] [--section.key VALUE ...]

  serve                        run the daemon (the default)
  check-config [--explain]     check the configuration; show every value and where it comes from
  print-schema                 JSON Schema of the configuration file, for editors
  passwd list|add|set|role|del accounts; passwords are asked for, or read with --read-stdin
  totp init|show|off           one-time codes as a second factor
  pair ADDRESS --komari-token|--komari-key|--nezha-secret|--nezha-token SECRET
                               this machine on a monitoring server (role agent); --list, --remove
  pair --pasarguard            what a PasarGuard panel asks for (role proxy)
  node add|list|remove|token   the nodes of the fleet (role hub)
  backup FILE                  copies the fleet's database, also while the daemon runs
  restore FILE                 takes such a copy over at the next start
  doctor [--json]              what hardware, programs and certificates were found, and what is missing
  routes [--json]              every address of the HTTP server and who may use it
  routes --openapi             our own API as an OpenAPI 3.1 document
  import-kvmd [--from FOLDER]  takes over settings, accounts and one-time codes of a PiKVM
  gadget-helper                as root: makes the USB gadget for a daemon that is not

  --help, --version            COMMAND --help: more about one`;

/** Of commands with words or options of their own. */
export const USAGE = {
  passwd: `Usage: farhand passwd list
       farhand passwd add USER [--role ${USER_ROLES.join("|")}] [--read-stdin]
       farhand passwd set USER [--role ROLE] [--read-stdin]
       farhand passwd role USER ROLE
       farhand passwd del USER
The password is asked for, or read from standard input with --read-stdin.`,
  totp: `Usage: farhand totp init [--force]
       farhand totp show
       farhand totp off
With a secret in place every password is followed by the six digits of the code.`,
  pair: `Usage: farhand pair ADDRESS --komari-token TOKEN   a node that exists on a Komari server
       farhand pair ADDRESS --komari-key KEY       the node registers itself (auto discovery)
       farhand pair ADDRESS --nezha-secret SECRET  a Nezha dashboard; ADDRESS is a URL or HOST:PORT
       farhand pair ADDRESS --nezha-token TOKEN    v0.20.12 and later: makes the server on the dashboard
       farhand pair --list
       farhand pair --remove ADDRESS
       farhand pair --pasarguard                   what a PasarGuard panel asks for
'-' in place of a secret asks for it. Further options:
  --insecure            accepts certificates that are not trusted
  --no-check            writes the configuration without trying the connection
  --tls                 Nezha, with HOST:PORT: the endpoint speaks TLS
  --uuid UUID           Nezha: identity of this machine; made up by default
  --agent-server H:P    Nezha, with --nezha-token: where agents connect; the dashboard's host and port 5555 by default
  --name NAME           Nezha, with --nezha-token: name on the dashboard; the host's name by default`,
  "pair --pasarguard": `Usage: farhand pair --pasarguard [--address NAME] [--json]
Shows what the form for a new node in a PasarGuard panel asks for.
  --address NAME   name or IP address under which the panel reaches this node; it is put into the certificate`,
  node: `Usage: farhand node add NAME [--group GROUP] [--tag TAG]... [--hidden]   shows its token, once
       farhand node list
       farhand node remove UUID|NAME          with all its history
       farhand node token UUID|NAME           a new token; the old one is worth nothing at once
With --json the answers are JSON.`,
  backup: "Usage: farhand backup FILE     copies the hub's database, while the daemon runs or not",
  restore: "Usage: farhand restore FILE    the daemon takes the copy over when it is started again",
  "import-kvmd": `Usage: farhand import-kvmd [--from FOLDER] [--main FILE] [--output FILE]
                          [--data-dir FOLDER] [--yes] [--force]

  --from FOLDER   PiKVM's configuration, /etc/kvmd by default
  --main FILE     the platform's own part of it, /usr/lib/kvmd/main.yaml by default
  --output FILE   where the new configuration is written; - only prints it
  --data-dir FOLDER  where accounts are kept; by default what the current configuration says
  --yes           writes without asking
  --force         replaces files that are there already`,
  "gadget-helper": "Usage: farhand gadget-helper --socket PATH --storage FOLDER",
} as const;

/** By the command and, where a part of it has its own usage, the word behind it. */
export function usageOf([command = "", word = ""]: readonly string[] = []): string {
  const usages = new Map<string, string>(Object.entries(USAGE));
  return usages.get(`${command} ${word}`) ?? usages.get(command) ?? GENERAL;
}
