#!/usr/bin/env bash
# Makes of Debian's kernel: vmlinux, modules/ (those of modules.list and what they need), initrd.img (busybox and the
# modules marked "!": a second to load, where Debian's own takes ten), kernel-version.
#   build-kernel.sh OUT_FOLDER
set -euo pipefail
. "$(dirname -- "$0")/common.sh"
mkdir -p "$1"; out=$(cd "$1" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

# shellcheck disable=SC2016
SUITE=$SUITE fetch_debs "$work/debs" '
  image=$(apt-cache show --no-all-versions linux-image-amd64 | sed -n "s/^Depends: \(linux-image-[^ ,]*\).*/\1/p")
  version=${image#linux-image-} base=${version%-amd64} series=$(echo "$version" | cut -d. -f1,2)
  kbuild=$base; if [ "$SUITE" = bookworm ]; then kbuild=$series; fi
  echo "$image" busybox-static "linux-headers-$version" "linux-headers-$base-common" "linux-source-$series" \
    "linux-kbuild-$kbuild"'
version=$(basename "$work"/debs/linux-image-*.deb); version=${version#linux-image-}; version=${version%%_*}
mkdir "$work/simulator"
"$MACHINE/build-gpio-sim.sh" "$work/debs" "$version" "$work/simulator" & simulator=$!
dpkg-deb -x "$work"/debs/linux-image-*.deb "$work/kernel"
modules=$work/kernel/lib/modules/$version
[[ -d $modules ]] || modules=$work/kernel/usr/lib/modules/$version
wait "$simulator"
cp "$work/simulator/gpio-sim.ko" "$modules/kernel/drivers/gpio/"
depmod -b "${modules%/lib/modules/*}" "$version"

# The wanted modules after those that they need.
declare -A path needs seen
while IFS=: read -r module rest; do
  name=$(basename "$module"); name=${name%.ko*}; name=${name//-/_}
  path[$name]=$module needs[$name]=$rest
done < "$modules/modules.dep"
order=() boot=()
add() { # name boot|all
  local name=${1//-/_} need
  [[ -n ${path[$name]:-} && -z ${seen[$2:$name]:-} ]] || return 0   # absent: built in
  for need in ${needs[$name]}; do need=$(basename "$need"); add "${need%.ko*}" "$2"; done
  seen[$2:$name]=1
  if [[ $2 == boot ]]; then boot+=("${path[$name]}"); else order+=("${path[$name]}"); fi
}
while read -r name _; do
  [[ -n $name && $name != \#* ]] || continue
  if [[ $name == *! ]]; then add "${name%!}" boot; fi
  add "${name%!}" all
done < "$MACHINE/modules.list"

target=$out/modules/lib/modules/$version; rm -rf "$out/modules"; mkdir -p "$target"
for module in "${order[@]}"; do install -D -m 644 "$modules/$module" "$target/$module"; done
cp "$modules"/modules.{builtin,builtin.modinfo,order} "$target/"
depmod -b "$out/modules" "$version"

initrd=$work/initrd; mkdir -p "$initrd"/{bin,dev,proc,sys,root,modules}
dpkg-deb --fsys-tarfile "$work"/debs/busybox-static*.deb | tar -xO --wildcards '*bin/busybox' > "$initrd/bin/busybox"
chmod 755 "$initrd/bin/busybox"
count=0
for module in "${boot[@]}"; do
  cp "$modules/$module" "$initrd/modules/$(printf %03d $count)-$(basename "$module")"; count=$((count + 1))
done
install -m 755 "$MACHINE/initrd-init" "$initrd/init"
(cd "$initrd" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) > "$out/initrd.img"
# Unpacked once here, not by an emulated processor at every start.
vmlinuz=$work/kernel/boot/vmlinuz-$version
at=$(LC_ALL=C grep -abom1 -P '\xFD7zXZ\0' "$vmlinuz" | head -n 1 | cut -d: -f1) || true
tail -c "+$((${at:-0} + 1))" "$vmlinuz" | xz -dcq > "$work/vmlinux" 2> "$work/xz.log" || true
if [[ $(head -c 4 "$work/vmlinux" | tail -c 3) == ELF ]]; then vmlinuz=$work/vmlinux; fi
cp "$vmlinuz" "$out/vmlinux"
printf '%s\n' "$version" > "$out/kernel-version"
log "kernel $version with ${#order[@]} modules"
