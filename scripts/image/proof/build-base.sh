#!/usr/bin/env bash
# Makes a system image as distributions publish them: partition table, FAT boot, ext4 root.
#   build-base.sh dos|gpt KERNEL_FOLDER SYSTEM.tar.zst OUT.img
# dos: as for a Raspberry Pi. gpt: as Debian's own, where the first partition of the table comes last on the disk.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
label=$1 kernel=$2 archive=$3 image=$4
boot_mib=64 root_mib=640
work=$(mktemp -d "$(dirname "$image")/board-work-XXXXXX"); trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root; mkdir "$root"
zstd -dqc "$archive" | tar -C "$root" --numeric-owner --xattrs --xattrs-include='*' -xpf -
case $label in
  dos) boot_number=1 boot_type=c root_number=2 root_type=83 place=/boot/firmware ;;
  gpt) boot_number=15 boot_type=U root_number=1 root_type=L place=/boot/efi ;;
esac

cp -a "$kernel/modules/lib/modules" "$root/usr/lib/"
printf 'debian\n' > "$root/etc/hostname"
printf '127.0.0.1 localhost debian\n' > "$root/etc/hosts"
printf '/dev/vda%s / ext4 rw,noatime 0 1\n/dev/vda%s %s vfat defaults,nofail 0 2\n' \
  "$root_number" "$boot_number" "$place" > "$root/etc/fstab"
mkdir -p "$root$place" "$root/etc/systemd/network" "$root/etc/systemd/system/multi-user.target.wants"
printf '[Match]\nName=e*\n[Network]\nDHCP=yes\n' > "$root/etc/systemd/network/80-wired.network"
ln -sf /usr/lib/systemd/system/systemd-networkd.service "$root/etc/systemd/system/multi-user.target.wants/"
# Careless, as some published images are: the customised one must not have this identity.
printf '0123456789abcdef0123456789abcdef\n' > "$root/etc/machine-id"

boot=$work/boot; mkdir "$boot"
cp "$kernel/vmlinuz" "$kernel/initrd.img" "$boot/"
printf 'arm_64bit=1\n' > "$boot/config.txt"
printf 'console=serial0,115200 console=tty1 root=/dev/vda%s rootwait\n' "$root_number" > "$boot/cmdline.txt"

part=$work/image first=4 second=$((4 + boot_mib))
# A GPT ends with its copy.
truncate -s "$((second + root_mib + 1))M" "$part"
sfdisk -q "$part" <<S
label: $label
part$boot_number: start=${first}MiB, size=${boot_mib}MiB, type=$boot_type
part$root_number: start=${second}MiB, size=${root_mib}MiB, type=$root_type
S
# One sector a cluster: a partition this small has too few clusters for FAT32 otherwise.
mkfs.vfat -F 32 -s 1 -n BOOT --offset $((first * 2048)) "$part" $((boot_mib * 1024)) >/dev/null
MTOOLS_SKIP_CHECK=1 mcopy -s -i "$part@@${first}M" "$boot"/* ::
mkfs.ext4 -q -F -L root -E "offset=$((second * 1048576)),lazy_itable_init=1" -d "$root" "$part" "${root_mib}M"
mv "$part" "$image"
