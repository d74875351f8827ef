#!/usr/bin/env bash
# Makes the archive of a small Debian: everything in the machine but modules, lab files and our own packages.
#   build-base.sh OUT.tar.zst PACKAGE,PACKAGE...
set -euo pipefail
. "$(dirname -- "$0")/common.sh"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mmdebstrap --quiet --mode=root --variant=minbase --format=directory \
  --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include="$2" "$SUITE" "$work/root" ${MIRROR:+"$MIRROR"}
tar -C "$work/root" --numeric-owner --xattrs --xattrs-include='*' -cf - . | zstd -q -T0 -3 > "$1.part"
mv "$1.part" "$1"
log "base system: $(du -h "$1" | cut -f1) packed"
