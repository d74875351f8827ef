#!/usr/bin/env bash
# Builds gpio-sim.ko, the kernel's GPIO simulator, which Debian leaves out, for a Debian kernel.
#   build-gpio-sim.sh FOLDER_WITH_DEBS KERNEL_VERSION OUT_FOLDER
set -euo pipefail
. "$(dirname -- "$0")/common.sh"
debs=$1 version=$2 out=$3
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
for deb in "$debs"/linux-{headers,kbuild}-*.deb; do dpkg-deb -x "$deb" "$work/headers"; done
tree=$work/headers/usr/src/linux-headers-$version
# The only absolute path in there.
sed -i "s#/usr/src/#$work/headers/usr/src/#" "$tree/Makefile"

module=$work/module; mkdir "$module"
dpkg-deb --fsys-tarfile "$debs"/linux-source-*.deb \
  | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' > "$work/source.tar.xz"
xz -dc -T0 "$work/source.tar.xz" | tar -xf - -C "$module" --wildcards --transform='s#.*/##' \
  '*/drivers/gpio/gpio-sim.c' '*/drivers/gpio/gpiolib.h' '*/kernel/irq/irq_sim.c'
mv "$module/gpio-sim.c" "$module/gpio-sim-core.c"
# Simulated interrupts are left out of Debian's kernel too: their source is linked into the module.
# irq_to_desc() is not exported to modules; generic_handle_irq() is, and does the same here.
sed -i 's/handle_simple_irq(irq_to_desc(\(.*\)));/generic_handle_irq(\1);/' "$module/irq_sim.c"
printf '%s\n' 'obj-m := gpio-sim.o' 'gpio-sim-y := gpio-sim-core.o irq_sim.o' > "$module/Kbuild"
make -s -C "$tree" M="$module" modules >&2
strip --strip-debug "$module/gpio-sim.ko"
install -D -m 644 "$module/gpio-sim.ko" "$out/gpio-sim.ko"
