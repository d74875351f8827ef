#!/usr/bin/env bash
# Makes of Debian's kernel for QEMU's ARM boards: vmlinuz, modules/ and a small initrd.img.
#   build-kernel.sh arm64|armhf SUITE OUT_FOLDER
# MIRROR: a whole line for apt, in place of the release with its updates.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
arch=$1 suite=$2
mkdir -p "$3"; out=$(cd "$3" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
flavour=$arch; [[ $arch != armhf ]] || flavour=armmp

# A private apt configuration of mmdebstrap: the host's own is not touched.
cat > "$work/fetch" <<'H'
set -eu
export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
cd "$FETCH_FOLDER"
kernel=$(apt-cache show --no-all-versions "linux-image-$FETCH_FLAVOUR" | sed -n 's/^Depends: //p' | tr ',|' '\n\n' \
  | sed 's/^ *//; s/[ (].*//' | grep '^linux-image-[0-9]' | head -n 1)
apt-get -qq -o APT::Sandbox::User=root download "$kernel" busybox-static >&2
H
mkdir "$work/debs"
FETCH_FOLDER=$work/debs FETCH_FLAVOUR=$flavour mmdebstrap --quiet --mode=root --variant=custom --format=null \
  --skip=check/qemu --architectures="$arch" --customize-hook="sh $work/fetch" "$suite" - ${MIRROR:+"$MIRROR"}
dpkg-deb -x "$work"/debs/linux-image-*.deb "$work/kernel"
version=$(basename "$work"/kernel/boot/vmlinuz-*); version=${version#vmlinuz-}
if [[ ! -d $work/kernel/lib ]]; then ln -s usr/lib "$work/kernel/lib"; fi
depmod -b "$work/kernel" "$version"

# Modules after those that they need, in plain form.
needed() { modprobe -d "$work/kernel" -S "$version" --show-depends "$1" 2>/dev/null | sed -n 's/^insmod \([^ ]*\).*/\1/p'; }
tree=$out/modules/lib/modules/$version initrd=$work/initrd; rm -rf "$out/modules"
mkdir -p "$tree" "$initrd"/{bin,dev,proc,sys,root,modules}
count=0
while read -r name boot; do
  [[ -n $name && $name != \#* ]] || continue
  for file in $(needed "$name"); do
    place=$tree/${file#*/modules/"$version"/}
    install -D -m 644 "$file" "$place"
    if [[ $place == *.xz ]]; then xz -df "$place"; place=${place%.xz}; fi
    if [[ $boot == boot ]]; then
      ls "$initrd"/modules/*-"$(basename "$place")" >/dev/null 2>&1 \
        || cp "$place" "$initrd/modules/$(printf %03d $count)-$(basename "$place")"
      count=$((count + 1))
    fi
  done
done < "$here/modules.list"
cp "$work/kernel/lib/modules/$version"/modules.{builtin,builtin.modinfo,order} "$tree/"
depmod -b "$out/modules" "$version"

dpkg-deb --fsys-tarfile "$work"/debs/busybox-static*.deb | tar -xO --wildcards '*bin/busybox' > "$initrd/bin/busybox"
chmod 755 "$initrd/bin/busybox"
install -m 755 "$here/initrd-init" "$initrd/init"
(cd "$initrd" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) > "$out/initrd.img"
cp "$work/kernel/boot/vmlinuz-$version" "$out/vmlinuz"
printf '%s\n' "$version" > "$out/kernel-version"
