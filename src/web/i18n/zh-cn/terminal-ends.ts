import type { TerminalEndsKey } from "../en/terminal-ends.ts";

export const zhTerminalEnds: Readonly<Record<TerminalEndsKey, string>> = {
  ended: "终端已结束。",
  endedWhy: "终端已结束：{reason}。",
  refused: "终端无法打开。{problem}",
  exited: "命令行已退出",
  agentClosed: "代理关闭了终端",
  agentGone: "代理已断开",
  agentSilent: "代理没有响应",
  viewerLeft: "访问者已离开",
  nobodyCame: "没有人来使用此终端",
  idle: "长时间没有任何操作",
  timeLimit: "终端打开的时间过长",
  notRead: "另一端没有读取数据",
  switchedOff: "管理员关闭了终端功能",
  tokenChanged: "节点令牌已更换",
  nodeRemoved: "节点已被删除",
  nodeOffline: "该节点没有连接",
  hubStops: "中心正在停止",
  left: "访问者已离开",
  stopped: "设备正在停止",
  noHello: "设备没有等到页面的消息",
};
