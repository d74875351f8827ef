import type { AuditView, CommandRunView, StorageView } from "../../../protocol/fleet/admin.ts";
import type { ActiveAlert, AlertPreview, AlertRule } from "../../../protocol/fleet/alerts.ts";
import type {
  ChannelTest,
  ChannelView,
  NotificationSettings,
} from "../../../protocol/fleet/channels.ts";
import type { FleetEvents } from "../../../protocol/fleet/events.ts";
import type { LoadHistory, PingHistory } from "../../../protocol/fleet/history.ts";
import type { LiveMessage } from "../../../protocol/fleet/live.ts";
import type {
  AllowedNodeView,
  IssuedNodeView,
  NodeDetail,
  NodePermissionsView,
} from "../../../protocol/fleet/nodes.ts";
import type { ProbeTaskView } from "../../../protocol/fleet/probes.ts";
import { listOf, shape } from "../../lib/shape.ts";

/** The answers of the fleet's own API, by the members that tell them apart. */
export const SHAPES = {
  live: shape<LiveMessage>("t", "at"),
  events: shape<FleetEvents>("events", "before"),
  load: shape<LoadHistory>("at", "columns", "stepMs"),
  pings: shape<PingHistory>("tasks", "stepMs"),
  node: shape<NodeDetail>("node", "facts"),
  permissions: shape<NodePermissionsView>("command", "terminal"),
  allowedNodes: listOf(shape<AllowedNodeView>("node", "command", "terminal")),
  run: shape<CommandRunView>("id", "command", "outcomes"),
  runs: listOf(shape<CommandRunView>("id", "command", "outcomes")),
  issuedNode: shape<IssuedNodeView>("node", "token", "install"),
  tasks: listOf(shape<ProbeTaskView>("id", "target")),
  rules: listOf(shape<AlertRule>("id", "condition")),
  alerts: listOf(shape<ActiveAlert>("rule", "node", "since")),
  preview: shape<AlertPreview>("nodes", "covered", "examined"),
  channels: listOf(shape<ChannelView>("id", "settings", "state")),
  test: shape<ChannelTest>("isDelivered", "answer", "code"),
  messages: shape<NotificationSettings>("language", "timeZone", "quietHours"),
  audit: shape<AuditView>("entries", "before"),
  storage: shape<StorageView>("status", "fileBytes"),
} as const;
