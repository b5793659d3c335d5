#!/bin/sh
# Runs reeve with the runtime that came along, else with the deno on the PATH.
# It starts no other program, so it costs a start next to nothing. Only handlers
# of jobs may name packages, and those go into the cache of deno.
self=$0
while [ -h "$self" ]; do
  link=$(readlink "$self")
  case $link in
    /*) self=$link ;;
    *) self=${self%/*}/$link ;;
  esac
done
case $self in
  */*) here=${self%/*} ;;
  *) here=. ;;
esac
main=$here/@MAIN@
for runtime in @RUNTIMES@; do
  [ -x "$here/$runtime" ] && runtime=$here/$runtime && break
  runtime=
done
[ -n "$runtime" ] || runtime=${REEVE_DENO:-deno}
case $runtime in
  */*) ;;
  *) command -v "$runtime" >/dev/null 2>&1 || {
    echo "error: no runtime for this machine came with reeve, and there is no $runtime" >&2
    echo "hint:  install Deno, or name it in REEVE_DENO" >&2
    exit 1
  } ;;
esac
export DENO_NO_UPDATE_CHECK=1
exec "$runtime" @FLAGS@ "$main" "$@"
