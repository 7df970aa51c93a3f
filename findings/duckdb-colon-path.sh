#!/usr/bin/env bash
# @duckdb/node-api 1.5.5-r.5: a relative path in which a colon stands in the name of the first folder is taken for the name of
# an extension.
# Guess before: a path is a path; a folder may be called 'run: one'.
# Seen: "Extension .../run.duckdb_extension not found", for a database that is there. With './' before it, or absolute, it opens.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @duckdb/node-api@1.5.5-r.5
mkdir 'run: one'
cat >open.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api'

const settings = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' }
const open = async (path) => {
  try {
    const instance = await DuckDBInstance.create(path, settings)
    instance.closeSync()
    return 'opens'
  } catch (error) {
    return `throws: ${error.message.split('\n')[0].replace(/"[^"]*\//, '"…/')}`
  }
}
const dotted = await open('./run: one/a.duckdb')
const bare = await open('run: one/a.duckdb')
console.log(`'./run: one/a.duckdb' ${dotted}; 'run: one/a.duckdb' ${bare}`)
if (dotted !== 'opens' || !bare.startsWith('throws') || !bare.includes('xtension')) {
  console.log('CHANGED: a colon in a path is a character of it')
  process.exit(1)
}
JS
node open.mjs
