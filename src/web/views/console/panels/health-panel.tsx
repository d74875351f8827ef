import type { ComponentChildren, JSX } from "preact";
import type { Tone } from "../../../components/toast.tsx";
import { Notice } from "../../../components/toast.tsx";
import { Dot } from "../../../components/status.tsx";
import { consoleText } from "../../../i18n/console-text.ts";
import { formatBytes, formatDuration, formatNumber, formatPercent } from "../../../lib/format.ts";
import { health, info } from "../device-state.ts";

const WARM = 65;
const HOT = 80;

/** How a board feels about its temperature in degrees. */
export function warmthOf(temperature: number): "cool" | "warm" | "hot" {
  if (temperature >= HOT) return "hot";
  return temperature >= WARM ? "warm" : "cool";
}

const TONES = { cool: "ok", warm: "warn", hot: "bad" } as const;

function Line({
  title,
  tone,
  children,
}: {
  readonly title: string;
  readonly tone?: Tone | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="line">
      <dt>{title}</dt>
      <dd>
        {children}
        {tone !== undefined && <Dot tone={tone} />}
      </dd>
    </div>
  );
}

function Figures(): JSX.Element {
  const { t } = consoleText;
  const { temperature, cpuPercent, memoryPercent, memoryTotal } = health.value;
  const { uptime, board, fanRpm } = info.value;
  const warmth = temperature === undefined ? undefined : warmthOf(temperature);
  return (
    <dl class="lines">
      {temperature !== undefined && warmth !== undefined && (
        <Line title={t("health.temperature")} tone={TONES[warmth]}>
          {`${formatNumber(temperature, 1)} °C · ${t(`health.${warmth}`)}`}
        </Line>
      )}
      {cpuPercent !== undefined && (
        <Line title={t("health.cpu")}>{formatPercent(cpuPercent / 100)}</Line>
      )}
      {memoryPercent !== undefined && (
        <Line title={t("health.memory")}>
          {memoryTotal === undefined
            ? formatPercent(memoryPercent / 100)
            : t("health.memoryOf", {
                percent: formatPercent(memoryPercent / 100),
                total: formatBytes(memoryTotal),
              })}
        </Line>
      )}
      {fanRpm !== undefined && (
        <Line title={t("health.fan")}>{t("health.rpm", { n: formatNumber(fanRpm) })}</Line>
      )}
      {uptime !== undefined && (
        <Line title={t("health.uptime")}>{formatDuration(uptime, "long")}</Line>
      )}
      {board !== "" && <Line title={t("health.board")}>{board}</Line>}
    </dl>
  );
}

/** How the device itself is, in words. */
export function HealthPanel(): JSX.Element {
  const { t } = consoleText;
  const { now, past, knowsThrottling } = health.value;
  return (
    <>
      {info.value.isSimulated && <Notice>{t("health.simulated")}</Notice>}
      {now.map((name) => (
        <Notice key={name} tone="bad">
          {t(`health.${name}.now`)}
        </Notice>
      ))}
      {past
        .filter((name) => !now.includes(name))
        .map((name) => (
          <Notice key={name} tone="warn">
            {t(`health.${name}.past`)}
          </Notice>
        ))}
      {knowsThrottling && now.length + past.length === 0 && (
        <Notice tone="ok">{t("health.fine")}</Notice>
      )}
      <Figures />
    </>
  );
}
