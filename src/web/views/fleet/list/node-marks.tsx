import type { JSX } from "preact";
import type { FleetNode, KvmStatus, LiveRow } from "../../../../protocol/fleet/live.ts";
import { Badge, Dot } from "../../../components/status.tsx";
import type { Tone } from "../../../components/toast.tsx";
import { fleetText } from "../../../i18n/fleet-text.ts";
import { formatAgo } from "../../../lib/format.ts";
import { presenceOf } from "../fleet-state.ts";
import { fleet } from "../fleet-link.ts";
import { figure, tagName } from "./arrange.ts";

const PRESENCE_TONES = { online: "ok", offline: "bad", never: undefined } as const;

/** The lamp of a node. */
export function PresenceDot({ row }: { readonly row: LiveRow }): JSX.Element {
  const presence = presenceOf(row);
  return <Dot tone={PRESENCE_TONES[presence]} label={fleetText.t(`node.${presence}`)} />;
}

/** Why there are no figures; null while there are. */
export function AbsenceText({ row }: { readonly row: LiveRow }): JSX.Element | null {
  const presence = presenceOf(row);
  if (presence === "online") return null;
  const since = figure(row, "presenceAt");
  if (presence === "never" || since === 0) return <>{fleetText.t(`node.${presence}`)}</>;
  const ago = formatAgo(since * 1000, Math.max(fleet().minute.value, since * 1000));
  return <>{fleetText.t("node.offlineSince", { ago })}</>;
}

/** Colors that Komari's users write behind a tag. */
const TAG_TONES: Readonly<Record<string, Tone>> = {
  red: "bad",
  tomato: "bad",
  orange: "warn",
  amber: "warn",
  yellow: "warn",
  green: "ok",
  grass: "ok",
};

function toneOfTag(tag: string): Tone | undefined {
  const color = /<([^<>]+)>$/.exec(tag)?.[1]?.toLowerCase() ?? "";
  return TAG_TONES[color];
}

export function Tags({ tags }: { readonly tags: readonly string[] }): JSX.Element {
  return (
    <>
      {tags.map((tag) => (
        <Badge key={tag} tone={toneOfTag(tag)}>
          {tagName(tag)}
        </Badge>
      ))}
    </>
  );
}

function pictureText({ picture, width, height }: KvmStatus): string {
  return fleetText.t(`kvm.picture.${picture}`, { width, height });
}

/** What a KVM device says about the computer behind it: only what somebody may want to act on has a color. */
export function KvmMarks({ kvm }: { readonly kvm: KvmStatus }): JSX.Element {
  const { t } = fleetText;
  const isBlind = kvm.picture === "missing" || (kvm.picture === "noSignal" && kvm.power === "on");
  return (
    <>
      <Badge tone={kvm.power === "on" ? "ok" : undefined}>{t(`kvm.power.${kvm.power}`)}</Badge>
      <Badge tone={isBlind ? "warn" : undefined}>{pictureText(kvm)}</Badge>
      {kvm.input === "offline" && <Badge tone="bad">{t("kvm.input.offline")}</Badge>}
      {kvm.health === "warning" && (
        <Badge tone="warn">
          <span title={kvm.problems.join("\n")}>{t("kvm.health.warning")}</span>
        </Badge>
      )}
    </>
  );
}

/** Alerts, and dates that come close. */
export function Warnings({
  node,
  row,
}: {
  readonly node: FleetNode;
  readonly row: LiveRow;
}): JSX.Element {
  const { t } = fleetText;
  const alerts = figure(row, "alerts");
  const now = fleet().minute.value;
  const leftMs = node.expiresAt === null ? Number.POSITIVE_INFINITY : node.expiresAt - now;
  return (
    <>
      {alerts > 0 && <Badge tone="bad">{t("node.alerts", { alerts })}</Badge>}
      {leftMs < 14 * 86_400_000 && node.expiresAt !== null && (
        <Badge tone={leftMs < 0 ? "bad" : "warn"}>
          {t(leftMs < 0 ? "node.expired" : "node.expires", {
            when: formatAgo(node.expiresAt, now),
          })}
        </Badge>
      )}
    </>
  );
}
