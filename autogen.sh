#!/bin/sh
# Makes ./configure from configure.ac.
set -eu
cd "$(dirname "$0")"

missing=
need() { # program package
  command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need autoconf autoconf
need automake automake
need libtoolize libtool
need pkg-config pkg-config
if [ -n "$missing" ]; then
  echo "autogen.sh: please install:$missing (the names of Debian's packages)" >&2
  exit 1
fi
mkdir -p m4
exec autoreconf --install --force
