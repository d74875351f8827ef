import type { AlertMetric, KvmAlert } from "../../protocol/fleet/alerts.ts";
import type { NotificationSettings } from "../../protocol/fleet/channels.ts";

/** The words of messages in one language. */
export interface Words {
  readonly offline: string;
  readonly online: string;
  readonly raised: string;
  readonly cleared: string;
  readonly flapping: string;
  readonly passed: string;
  readonly settledOffline: string;
  readonly settledOnline: string;
  readonly settledRaised: string;
  readonly settledCleared: string;
  readonly still: string;
  readonly testTitle: string;
  readonly testBody: string;
  nodes(count: number): string;
  more(count: number): string;
  since(time: string): string;
  after(span: string): string;
  changed(times: number): string;
  byRule(name: string): string;
  trafficUsed(percent: number): string;
  expires(days: number): string;
  expired(days: number): string;
  loss(percent: number): string;
  latency(milliseconds: number): string;
  span(milliseconds: number): string;
  readonly metrics: Readonly<Record<AlertMetric, string>>;
  readonly kvm: Readonly<Record<KvmAlert, string>>;
}

interface SpanUnits {
  readonly days: string;
  readonly hours: string;
  readonly minutes: string;
  readonly seconds: string;
}

/** The two largest units. */
function spanText(milliseconds: number, { days, hours, minutes, seconds }: SpanUnits): string {
  const whole = Math.max(0, Math.round(milliseconds / 1000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(whole / 86_400), days],
    [Math.floor(whole / 3600) % 24, hours],
    [Math.floor(whole / 60) % 60, minutes],
    [whole % 60, seconds],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return `0 ${seconds}`;
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

const EN: Words = {
  offline: "Offline",
  online: "Back online",
  raised: "Alert",
  cleared: "Over",
  flapping: "Goes to and fro",
  passed: "Was, and is over",
  settledOffline: "Quiet again, offline",
  settledOnline: "Quiet again, online",
  settledRaised: "Quiet again, alert goes on",
  settledCleared: "Quiet again, over",
  still: "Still:",
  testTitle: "Test message",
  testBody: "This channel works: alerts of the fleet arrive here.",
  nodes: (count) => `${count} nodes:`,
  more: (count) => `and ${count} more`,
  since: (time) => `since ${time}`,
  after: (span) => `after ${span}`,
  changed: (times) => `changed ${times} times`,
  byRule: (name) => `Rule: ${name}`,
  trafficUsed: (percent) => `${percent} % of the month's traffic used`,
  expires: (days) => `expires in ${days} ${days === 1 ? "day" : "days"}`,
  expired: (days) => `expired ${days} ${days === 1 ? "day" : "days"} ago`,
  loss: (percent) => `${percent} % of pings lost`,
  latency: (milliseconds) => `ping takes ${milliseconds} ms`,
  span: (milliseconds) =>
    spanText(milliseconds, { days: "d", hours: "h", minutes: "min", seconds: "s" }),
  metrics: {
    cpuPercent: "CPU",
    memoryPercent: "memory",
    swapPercent: "swap",
    diskPercent: "disk",
    gpuPercent: "GPU",
    load1: "load",
    receivedBytesPerSecond: "receives",
    sentBytesPerSecond: "sends",
    temperatureCelsius: "temperature",
    connections: "connections",
    processCount: "processes",
  },
  kvm: {
    poweredOff: "computer is off",
    poweredOn: "computer is on",
    noPicture: "no picture",
    unhealthy: "the KVM needs attention",
  },
};

const ZH: Words = {
  offline: "离线",
  online: "恢复在线",
  raised: "告警",
  cleared: "已恢复",
  flapping: "状态反复变化",
  passed: "曾告警，现已恢复",
  settledOffline: "已稳定，离线",
  settledOnline: "已稳定，在线",
  settledRaised: "已稳定，告警持续",
  settledCleared: "已稳定，已恢复",
  still: "仍然",
  testTitle: "测试消息",
  testBody: "此渠道工作正常：告警将发送到这里。",
  nodes: (count) => `${count} 个节点`,
  more: (count) => `等另外 ${count} 个`,
  since: (time) => `自 ${time}`,
  after: (span) => `持续 ${span}`,
  changed: (times) => `变化 ${times} 次`,
  byRule: (name) => `规则：${name}`,
  trafficUsed: (percent) => `本月流量已用 ${percent} %`,
  expires: (days) => `${days} 天后到期`,
  expired: (days) => `已过期 ${days} 天`,
  loss: (percent) => `丢包率 ${percent} %`,
  latency: (milliseconds) => `延迟 ${milliseconds} 毫秒`,
  span: (milliseconds) =>
    spanText(milliseconds, { days: "天", hours: "小时", minutes: "分", seconds: "秒" }),
  metrics: {
    cpuPercent: "CPU",
    memoryPercent: "内存",
    swapPercent: "交换空间",
    diskPercent: "磁盘",
    gpuPercent: "GPU",
    load1: "负载",
    receivedBytesPerSecond: "下行",
    sentBytesPerSecond: "上行",
    temperatureCelsius: "温度",
    connections: "连接数",
    processCount: "进程数",
  },
  kvm: {
    poweredOff: "计算机已关机",
    poweredOn: "计算机已开机",
    noPicture: "没有画面",
    unhealthy: "KVM 设备需要检查",
  },
};

export const WORDS: Readonly<Record<NotificationSettings["language"], Words>> = { en: EN, zh: ZH };
