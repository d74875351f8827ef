#!/usr/bin/env bash
# Makes a system image as distributions publish them: partition table, FAT boot, ext4 root with a small Debian. Packages
# are unpacked by this computer's dpkg; only their scripts run emulated, which is most of the time saved.
#   build-base.sh arm64|armhf SUITE KERNEL_FOLDER OUT.img
# MIRROR: a whole line for apt, in place of the release with its updates.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
arch=$1 suite=$2 kernel=$3 image=$4
boot_mib=64 root_mib=640
work=$(mktemp -d "$(dirname "$image")/board-work-XXXXXX"); trap 'rm -rf --one-file-system "$work"' EXIT
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

cp -a "$kernel/modules/lib/modules" "$root/usr/lib/"
printf 'debian\n' > "$root/etc/hostname"
printf '127.0.0.1 localhost debian\n' > "$root/etc/hosts"
printf '/dev/vda2 / ext4 rw,noatime 0 1\n/dev/vda1 /boot/firmware vfat defaults,nofail 0 2\n' > "$root/etc/fstab"
mkdir -p "$root/boot/firmware" "$root/etc/systemd/network" "$root/etc/systemd/system/multi-user.target.wants"
printf '[Match]\nName=e*\n[Network]\nDHCP=yes\n' > "$root/etc/systemd/network/80-wired.network"
ln -sf /usr/lib/systemd/system/systemd-networkd.service "$root/etc/systemd/system/multi-user.target.wants/"
# Careless, as some published images are: the customised one must not have this identity.
printf '0123456789abcdef0123456789abcdef\n' > "$root/etc/machine-id"

boot=$work/boot; mkdir "$boot"
cp "$kernel/vmlinuz" "$kernel/initrd.img" "$boot/"
printf 'arm_64bit=1\n' > "$boot/config.txt"
printf 'console=serial0,115200 console=tty1 root=/dev/vda2 rootwait\n' > "$boot/cmdline.txt"

part=$work/image first=4 second=$((4 + boot_mib))
truncate -s "$((second + root_mib))M" "$part"
sfdisk -q "$part" <<S
label: dos
start=${first}MiB, size=${boot_mib}MiB, type=c, bootable
start=${second}MiB, type=83
S
# One sector a cluster: a partition this small has too few clusters for FAT32 otherwise.
mkfs.vfat -F 32 -s 1 -n BOOT --offset $((first * 2048)) "$part" $((boot_mib * 1024)) >/dev/null
MTOOLS_SKIP_CHECK=1 mcopy -s -i "$part@@${first}M" "$boot"/* ::
mkfs.ext4 -q -F -L root -E "offset=$((second * 1048576)),lazy_itable_init=1" -d "$root" "$part" "${root_mib}M"
mv "$part" "$image"
