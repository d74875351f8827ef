#!/usr/bin/env bash
# Makes the machine's disk of the base archive, the kernel's modules, the lab's own files and the packages under test.
#   build-image.sh KERNEL_FOLDER BASE.tar.zst OUT.ext4 PACKAGE.deb...
set -euo pipefail
. "$(dirname -- "$0")/common.sh"
kernel=$1 base=$2 image=$3; shift 3
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
root=$work/root; mkdir "$root"
zstd -dqc "$base" | tar -C "$root" --numeric-owner --xattrs --xattrs-include='*' -xpf -
cp -a "$kernel/modules/lib/modules" "$root/usr/lib/"
cp -r "$MACHINE/overlay/." "$root/"
printf 'farhand-lab\n' > "$root/etc/hostname"
printf '127.0.0.1 localhost farhand-lab\n' > "$root/etc/hosts"
printf '/dev/vda / ext4 rw,noatime 0 0\n' > "$root/etc/fstab"
# A fixed identity: else each start of a fresh disk is a first boot.
printf '0123456789abcdef0123456789abcdef\n' > "$root/etc/machine-id"
mkdir -p "$root/lab" "$root/var/log/journal"

# Installed as apt would, without starting anything; what it depends on is in the base.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"; chmod 755 "$root/usr/sbin/policy-rc.d"
mkdir "$root/tmp/debs"; cp "$@" "$root/tmp/debs/"
unshare --mount bash -c 'mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" \
  && DEBIAN_FRONTEND=noninteractive chroot "$1" sh -c "dpkg --force-unsafe-io -i /tmp/debs/*.deb"' - "$root" \
  > "$work/install.log" 2>&1 || { cat "$work/install.log" >&2; die "the package could not be installed"; }
rm -r "$root/tmp/debs" "$root/usr/sbin/policy-rc.d"
# YAML understands JSON. Owner and mode stay as the package made them.
cat "$MACHINE/config.json" > "$root/etc/farhand/farhand.yaml"

units=$root/etc/systemd/system
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer systemd-pstore.service getty@.service systemd-update-utmp.service systemd-update-utmp-runlevel.service \
  systemd-logind.service getty-static.service serial-getty@.service systemd-user-sessions.service \
  systemd-tmpfiles-clean.timer systemd-ask-password-console.path systemd-ask-password-wall.path \
  systemd-random-seed.service kmod-static-nodes.service modprobe@{dm_mod,fuse,loop}.service dev-{hugepages,mqueue}.mount \
  sys-kernel-{debug,tracing}.mount proc-sys-fs-binfmt_misc.automount; do
  ln -sfn /dev/null "$units/$unit"
done
mkdir -p "$units/multi-user.target.wants"
for unit in lab-devices lab-network lab-agent; do
  ln -sfn "../$unit.service" "$units/multi-user.target.wants/$unit.service"
done
rm -f "$image"; truncate -s 2G "$image.part"
# A journal, as on a board: the power is cut here.
mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1 -J size=16 -L farhand-lab -d "$root" "$image.part"
mv "$image.part" "$image"
log "disk: $(du -h "$image" | cut -f1)"
