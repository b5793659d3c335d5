#!/bin/sh
# reeve @VERSION@ for @TARGET@ in one file. The first start unpacks it into a
# folder of its own that is named after what is in it; later starts run from
# there. Delete the folder at any time while no reeve runs.
cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
if [ -z "$cache" ]; then
  echo "error: cannot tell where to unpack: neither HOME nor XDG_CACHE_HOME is set" >&2
  exit 1
fi
cache=$cache/reeve
build=$cache/@BUILD@
main=$build/lib/reeve/@BUILD@
if [ ! -d "$build" ]; then
  fail() {
    echo "error: cannot unpack reeve into $cache: $1" >&2
    exit 1
  }
  old_umask=$(umask)
  umask 077
  mkdir -p "$cache" || fail "it cannot be made"
  unpacked=$(mktemp -d "$cache/.unpack-XXXXXX") || fail "it cannot be written"
  trap 'rm -rf "$unpacked"' EXIT
  trap 'exit 143' HUP INT TERM
  payload() { tail -n +@LINE@ "$0"; }
  if command -v sha256sum >/dev/null 2>&1; then
    sum=$(payload | sha256sum)
  elif command -v shasum >/dev/null 2>&1; then
    sum=$(payload | shasum -a 256)
  else
    sum=@SUM@
  fi
  [ "${sum%% *}" = @SUM@ ] || fail "this file is damaged: download it again"
  mkdir "$unpacked/@BUILD@" || fail "it cannot be written"
  payload | gzip -dc | tar -xof - -C "$unpacked/@BUILD@" || fail "see above"
  # A folder that is there already is left as it is, and is the same.
  mv "$unpacked/@BUILD@" "$cache/" 2>/dev/null || [ -d "$build" ] ||
    fail "it cannot be written"
  rm -rf "$unpacked"
  trap - EXIT HUP INT TERM
  umask "$old_umask"
fi
export DENO_NO_UPDATE_CHECK=1
exec "$main/runtime/deno" @FLAGS@ "$main/main.js" "$@"
exit 1
