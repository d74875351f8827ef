#!/usr/bin/env bash
# Makes the archive of a small Debian for a board. Packages are unpacked by this computer's dpkg; only their scripts run
# emulated, which is most of the time saved.
#   build-system.sh arm64|armhf SUITE OUT.tar.zst
# MIRROR: a whole line for apt, in place of the release with its updates.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
arch=$1 suite=$2 archive=$3
work=$(mktemp -d "$(dirname "$archive")/board-work-XXXXXX"); trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root
packages=usr-is-merged,apt,systemd-sysv,udev,kmod,iproute2,procps,init-system-helpers,libstdc++6,libgcc-s1,libatomic1
packages+=,ca-certificates,openssh-server,e2fsprogs,fdisk
# Debian 13 keeps these apart; its own Node.js is new enough for us.
[[ $suite == bookworm ]] || packages+=,nodejs

mmdebstrap --quiet --mode=root --variant=extract --format=directory --architectures="$arch" \
  --skip=check/qemu,cleanup/apt,cleanup/reproducible \
  --setup-hook='mkdir -p "$1/usr/bin" "$1/usr/sbin" "$1/usr/lib"; for name in bin sbin lib; do ln -s "usr/$name" "$1/$name"; done' \
  --aptopt='APT::Install-Recommends "false"' \
  --include='?priority(required)' --include='?essential' --include="$packages" "$suite" "$root" ${MIRROR:+"$MIRROR"}

cat > "$work/configure" <<'C'
set -eu
root=$1
export DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes LC_ALL=C.UTF-8
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"; chmod 755 "$root/usr/sbin/policy-rc.d"
mount --bind /dev "$root/dev"; mount -t proc proc "$root/proc"; mount -t sysfs sysfs "$root/sys"
cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
dpkg() { command dpkg --root="$root" --force-unsafe-io --force-depends --force-architecture "$@"; }
dpkg --unpack "$root"/var/cache/apt/archives/*.deb
dpkg --configure -a
C
unshare --mount bash "$work/configure" "$root" > "$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; exit 1; }
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root/usr/sbin/policy-rc.d" \
  "$root"/usr/share/{doc,man,info,locale}/*

tar -C "$root" --numeric-owner --xattrs --xattrs-include='*' -cf - . | zstd -q -T0 -1 > "$archive"
