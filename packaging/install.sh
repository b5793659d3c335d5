#!/bin/sh
# Installs reeve below a prefix, or takes it away again. Each build has a folder
# of its own, so a daemon that runs while reeve is upgraded keeps its files.
set -eu
build=@BUILD@
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

usage() {
  cat <<'USAGE'
Usage: sh install.sh [--prefix DIR] [--uninstall]

  --prefix DIR  Install below DIR: DIR/bin, DIR/lib/reeve and DIR/share
                [default: ~/.local, /usr/local for root]
  --uninstall   Remove reeve from there; your state in ~/.reeve stays
USAGE
}

fail() {
  echo "error: $1" >&2
  exit "${2:-1}"
}

prefix=
uninstall=no
while [ $# -gt 0 ]; do
  case $1 in
    --prefix)
      [ $# -gt 1 ] && [ -n "$2" ] || fail "--prefix needs a directory" 64
      prefix=$2
      shift
      ;;
    --prefix=?*) prefix=${1#--prefix=} ;;
    --uninstall) uninstall=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      fail "cannot understand $1" 64
      ;;
  esac
  shift
done
if [ -z "$prefix" ]; then
  case $here in
    # The copy that stays installed knows where it is.
    */lib/reeve) prefix=${here%/lib/reeve} ;;
    *)
      if [ "$(id -u)" = 0 ]; then
        prefix=/usr/local
      else
        prefix=${HOME:?"set HOME, or give --prefix"}/.local
      fi
      ;;
  esac
fi
case $prefix in
  /*) ;;
  *) prefix=$PWD/$prefix ;;
esac

shared="share/man/man1/reeve.1
share/bash-completion/completions/reeve
share/zsh/site-functions/_reeve
share/fish/vendor_completions.d/reeve.fish"

if [ "$uninstall" = yes ]; then
  [ -e "$prefix/bin/reeve" ] || [ -d "$prefix/lib/reeve" ] ||
    fail "there is no reeve in $prefix"
  rm -f "$prefix/bin/reeve"
  rm -rf "$prefix/lib/reeve" "$prefix/share/doc/reeve"
  for file in $shared; do rm -f "$prefix/$file"; done
  echo "Removed reeve from $prefix. What still runs goes on until it is stopped."
  echo "Your state in ${REEVE_HOME:-~/.reeve} is left as it is."
  exit 0
fi

[ -d "$here/lib/reeve/$build" ] ||
  fail "the files of reeve are not beside this script"
if command -v sha256sum >/dev/null 2>&1; then
  (cd "$here" && sha256sum --quiet -c SHA256SUMS >&2) ||
    fail "files are damaged: unpack the archive again"
elif command -v shasum >/dev/null 2>&1; then
  (cd "$here" && shasum -a 256 --quiet -c SHA256SUMS >&2) ||
    fail "files are damaged: unpack the archive again"
else
  echo "note: neither sha256sum nor shasum is there; sums were not checked" >&2
fi

# Puts one file in place as a whole, whoever reads it at that moment.
put() {
  mkdir -p "$(dirname -- "$2")"
  cp "$1" "$2.new$$"
  chmod "$3" "$2.new$$"
  mv -f "$2.new$$" "$2"
}

builds=$prefix/lib/reeve
mkdir -p "$builds"
before=$(sed -n 's|^main=.*lib/reeve/\([^/]*\)/main.js$|\1|p' \
  "$prefix/bin/reeve" 2>/dev/null || true)
if [ ! -d "$builds/$build" ]; then
  partial=$builds/.partial-$build
  rm -rf "$partial"
  trap 'rm -rf "$partial"' EXIT
  cp -R "$here/lib/reeve/$build" "$partial"
  mv "$partial" "$builds/$build"
  trap - EXIT
fi
for file in $shared; do put "$here/$file" "$prefix/$file" 644; done
for file in "$here"/share/doc/reeve/*; do
  put "$file" "$prefix/share/doc/reeve/${file##*/}" 644
done
put "$here/install.sh" "$builds/install.sh" 755
put "$here/bin/reeve" "$prefix/bin/reeve" 755
# The build before this one stays: its daemon may still be running.
for old in "$builds"/*/; do
  old=${old%/}
  case ${old##*/} in
    "$build" | "$before") ;;
    *) rm -rf "$old" ;;
  esac
done

echo "Installed $("$prefix/bin/reeve" --version) as $prefix/bin/reeve"
case :${PATH:-}: in
  *":$prefix/bin:"*) ;;
  *)
    echo
    echo "It is not on your PATH yet. Add it, for example in ~/.profile:"
    echo "  export PATH=\"$prefix/bin:\$PATH\""
    ;;
esac
cat <<HINTS

Completions: bash finds them by itself where bash-completion is installed.
  bash otherwise: . $prefix/share/bash-completion/completions/reeve
  zsh:  fpath=($prefix/share/zsh/site-functions \$fpath) before compinit
  fish: ln -s $prefix/share/fish/vendor_completions.d/reeve.fish ~/.config/fish/completions/
Manual:  man -M $prefix/share/man reeve
Remove:  sh $builds/install.sh --uninstall
HINTS
