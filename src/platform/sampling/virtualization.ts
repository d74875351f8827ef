import type { ProcessRunner } from "../process/port.ts";
import type { FileTree } from "../host/tree.ts";

const CONTAINERS: readonly (readonly [RegExp, string])[] = [
  [/\/(?:docker|cri-containerd)[/-][0-9a-f]{12,64}(?:\.scope)?$/m, "docker"],
  [/\/(?:libpod|podman)[-_][0-9a-f]{12,64}(?:\.scope)?$/m, "podman"],
  [/\/crio-[0-9a-f]{12,64}\.scope$/m, "container"],
  [/\/kubepods[/.]/m, "kubernetes"],
  [/\/lxc\/[^/]+$/m, "lxc"],
];

const MAKERS: readonly (readonly [RegExp, string])[] = [
  [/vmware/i, "vmware"],
  [/innotek|virtualbox|oracle/i, "oracle"],
  [/microsoft/i, "microsoft"],
  [/xen/i, "xen"],
  [/parallels/i, "parallels"],
  [/bhyve/i, "bhyve"],
  [/qemu|kvm|google|amazon|digitalocean|openstack|hetzner|firecracker/i, "kvm"],
];

function find(rules: readonly (readonly [RegExp, string])[], text: string): string | undefined {
  return rules.find(([pattern]) => pattern.test(text))?.[1];
}

function container(tree: FileTree): string | undefined {
  const top = tree.list("/");
  if (top.includes(".dockerenv")) return "docker";
  const byGroup = find(CONTAINERS, tree.text("/proc/self/cgroup") ?? "");
  if (byGroup !== undefined) return byGroup;
  if (tree.list("/run").includes(".containerenv")) return "podman";
  const byInit = /(?:^|\0)container=([a-z-]+)/.exec(tree.text("/proc/1/environ") ?? "")?.[1];
  return byInit ?? (tree.list("/dev").includes(".lxc-boot-id") ? "lxc" : undefined);
}

function machine(tree: FileTree): string {
  const xen = tree.text("/sys/hypervisor/type");
  if (xen !== undefined) return xen;
  const isGuest = /^flags\s*:.*\bhypervisor\b/m.test(tree.text("/proc/cpuinfo") ?? "");
  const dmi = ["sys_vendor", "product_name", "bios_vendor"].map((name) =>
    tree.text(`/sys/class/dmi/id/${name}`),
  );
  // A desktop made by Microsoft is no virtual machine.
  if (!isGuest) return "none";
  return find(MAKERS, dmi.join(" ")) ?? "virtualized";
}

/** The kind of container or virtual machine around us in systemd's words, `none` on bare metal (Komari 1.14). */
export async function readVirtualization(tree: FileTree, process: ProcessRunner): Promise<string> {
  if ((await process.which("systemd-detect-virt")) !== undefined) {
    try {
      // It ends with status 1 on bare metal.
      const { stdout } = await process.run("systemd-detect-virt", []);
      const word = stdout.trim();
      if (/^[a-z0-9-]+$/.test(word)) return word;
    } catch {
      // Our own look is as good.
    }
  }
  return container(tree) ?? machine(tree);
}
