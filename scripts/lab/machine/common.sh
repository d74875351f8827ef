# shellcheck shell=bash
# Settings shared by the scripts that build the lab's machine. Source it, do not run it.
MACHINE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
SUITE=${LAB_SUITE:-bookworm}
# Where an archive of its own is to be used, a whole line: "deb http://... bookworm main".
MIRROR=${LAB_MIRROR:-}
export PATH=$PATH:/usr/sbin:/sbin

log() { printf '   %s\n' "$*" >&2; }
die() { printf 'lab: %s\n' "$*" >&2; exit 1; }

# Downloads Debian packages with a private apt configuration, so that the host's own is not touched.
fetch_debs() { # folder script-that-prints-names, which may ask apt-cache
  local hook; hook=$(mktemp)
  mkdir -p "$1"
  cat > "$hook" <<'H'
set -eu
export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
cd "$FETCH_FOLDER"
names=$(sh -euc "$FETCH_NAMES")
apt-get -qq -o APT::Sandbox::User=root download $names >&2
H
  FETCH_FOLDER=$1 FETCH_NAMES=$2 mmdebstrap --quiet --mode=root --variant=custom --format=null \
    --customize-hook="sh $hook" "$SUITE" - ${MIRROR:+"$MIRROR"}
  rm -f "$hook"
}
