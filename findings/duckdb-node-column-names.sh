#!/usr/bin/env bash
# DuckDB's Node client (@duckdb/node-api 1.5.5-r.5): deduplicatedColumnNames() is not free of duplicates, and getRowObjects()
# then loses a value.
# Guess before: of columns x, x and "x:1" three names that differ, and an object with the three values 1, 2 and 3.
# Seen: the names are x, x:1, x:1, since the suffix of the second x is not held against the names that are there already; the
# row object is { x: 1, "x:1": 3 }: 2 is gone, without an error. Two columns named "constructor" keep that name both.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @duckdb/node-api@1.5.5-r.5
cat >names.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api'
const connection = await (await DuckDBInstance.create()).connect()
const queries = ['SELECT 1 AS x, 2 AS x, 3 AS "x:1"', 'SELECT 1 AS "constructor", 2 AS "constructor"']
let failing = 0
for (const query of queries) {
  const reader = await connection.runAndReadAll(query)
  const names = reader.deduplicatedColumnNames()
  const [row] = reader.getRowObjects()
  console.log(`${query}: names ${names.join(', ')}; row ${JSON.stringify(row)}`)
  if (new Set(names).size < names.length && Object.keys(row).length < names.length) failing++
}
if (failing !== queries.length) {
  console.log('CHANGED: names are distinct and rows have all values')
  process.exit(1)
}
JS
node names.mjs
