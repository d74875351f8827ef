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
# A name that ends in "@" is a metapackage: what it depends on by that name and a version is taken in its place.
fetch_debs() { # folder package...
  local folder=$1 hook; shift
  mkdir -p "$folder"
  hook=$(mktemp)
  cat > "$hook" <<'H'
set -eu
export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
cd "$FETCH_FOLDER"
list=
for name in $FETCH_NAMES; do
  case $name in
    *@) prefix=$(printf %s "${name%@}" | sed 's/-[^-]*$//')
        found=$(apt-cache show --no-all-versions "${name%@}" | sed -n 's/^Depends: //p' | tr ',|' '\n\n' \
          | sed 's/^ *//; s/[ (].*//' | grep "^$prefix-[0-9]" | head -n 1)
        [ -n "$found" ] || { echo "${name%@} depends on no $prefix-*" >&2; exit 1; }
        list="$list $found" ;;
    *) list="$list $name" ;;
  esac
done
apt-get -qq -o APT::Sandbox::User=root download $list >&2
H
  FETCH_FOLDER=$folder FETCH_NAMES="$*" mmdebstrap --quiet --mode=root --variant=custom --format=null \
    --customize-hook="sh $hook" "$SUITE" - ${MIRROR:+"$MIRROR"}
  rm -f "$hook"
}
