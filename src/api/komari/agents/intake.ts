/** From an agent's messages to its session, whatever transport and version they came by. */
import type { Hub } from "../../../hub/hub.ts";
import type { AgentSession } from "../../../hub/ingest.ts";
import type { NodeFacts } from "../../../hub/report.ts";
import { readPingResult } from "../../../protocol/komari/agent-messages.ts";
import { readBasicInfo } from "../../../protocol/komari/read-basic-info.ts";
import { readKvm } from "../../../protocol/komari/read-kvm.ts";
import { ReportReader } from "../../../protocol/komari/read-report.ts";

/** `malformed`: it is not what it should be. `flooded`: the session took no more. */
export type Taken = "taken" | "malformed" | "flooded";

const LOOPBACK = /^(?:127\.|::1$)/;

/** The address that the server sees, for agents that do not know their own (Komari 1.4). */
function seenAddress(address: string): Partial<NodeFacts> {
  if (address === "" || LOOPBACK.test(address)) return {};
  return address.includes(":") ? { ipv6: address } : { ipv4: address };
}

/** One for all agents. */
export class Intake {
  readonly #hub: Pick<Hub, "ingest">;
  readonly #reader = new ReportReader();

  constructor(hub: Pick<Hub, "ingest">) {
    this.#hub = hub;
  }

  report(session: AgentSession, value: unknown): Taken {
    const { ingest } = this.#hub;
    const reader = this.#reader;
    const before = reader.refused;
    const report = reader.read(value, ingest.latest(session.node));
    if (reader.refused !== before) ingest.count("clamped", reader.refused - before);
    if (report === undefined) return this.malformed();
    if (!session.report(report)) return "flooded";
    session.kvm(readKvm(value));
    return "taken";
  }

  basicInfo(session: AgentSession, value: unknown): Taken {
    const facts = readBasicInfo(value);
    if (facts === undefined) return this.malformed();
    const hasAddress = (facts.ipv4 ?? "") !== "" || (facts.ipv6 ?? "") !== "";
    const seen = hasAddress ? {} : seenAddress(this.#hub.ingest.remoteAddress(session.node));
    return session.facts({ ...facts, ...seen }) ? "taken" : "flooded";
  }

  /** Results of tasks that are not the node's count as taken: agents have no use for the difference. */
  ping(session: AgentSession, value: unknown): Taken {
    const result = readPingResult(value);
    if (result === undefined) return this.malformed();
    session.ping(result);
    return "taken";
  }

  /** Counts a message that is nothing. */
  malformed(): Taken {
    this.#hub.ingest.count("malformed");
    return "malformed";
  }

  /** Counts a message that is too large. */
  oversize(): void {
    this.#hub.ingest.count("oversize");
  }
}
