#!/usr/bin/env bash
# npm 11.19.1: `npm rebuild NAME` says 'rebuilt dependencies successfully' where package.json's allowScripts denies the script
# of NAME, which is then not run.
# Guess before: who names a package is told that its script was denied, or the script runs.
# Seen: exit code 0 and the words of success; esbuild 0.25.0's script, which puts its binary in place of bin/esbuild, did not run.
# With `true` in place of `false` the same command runs it.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix tool npm@11.19.1
npm11() { node "$folder/tool/node_modules/npm/bin/npm-cli.js" "$@"; }
try() { # true or false: may esbuild's script run
  mkdir "$1" && cd "$1"
  printf '{ "private": true, "dependencies": { "esbuild": "0.25.0" }, "allowScripts": { "esbuild": %s } }' "$1" >package.json
  npm11 install --silent --no-audit --no-fund --ignore-scripts
  said=$(npm11 rebuild esbuild 2>&1)
  run=yes
  if head -c 2 node_modules/esbuild/bin/esbuild | grep -q '#!'; then run=no; fi
  echo "allowScripts esbuild: $1; npm rebuild esbuild: $said; its script ran: $run"
  cd "$folder"
}
try true
[ "$run" = yes ] || { echo 'CHANGED: an allowed script is not run either'; exit 1; }
try false
if [ "$run" = yes ] || [[ "$said" != *'rebuilt dependencies successfully'* ]]; then
  echo 'CHANGED: the script runs, or npm says that it did not'
  exit 1
fi
