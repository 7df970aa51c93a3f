#!/usr/bin/env bash
# @gmod/indexedfasta 5.0.2: the checksum of a BGZF block is not looked at, so that a file with one changed base reads as if it
# were intact.
# Guess before: an error, as samtools, gzip and Python's gzip give.
# Seen: the other base, without an exception. Here a block that is stored, not compressed, so that one byte is one base.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @gmod/indexedfasta@5.0.2
cat >read.mjs <<'JS'
import { writeFileSync } from 'node:fs'
import { crc32, deflateRawSync, gunzipSync } from 'node:zlib'
import { BgzipIndexedFasta } from '@gmod/indexedfasta'

const text = Buffer.from(`>chr1\n${'ACGT'.repeat(15)}\n`)
const stored = deflateRawSync(text, { level: 0 })
const block = Buffer.alloc(18 + stored.length + 8)
Buffer.from('1f8b08040000000000ff060042430200', 'hex').copy(block)
block.writeUInt16LE(block.length - 1, 16)
stored.copy(block, 18)
block.writeUInt32LE(crc32(text), block.length - 8)
block.writeUInt32LE(text.length, block.length - 4)
const end = Buffer.from('1f8b08040000000000ff0600424302001b0003000000000000000000', 'hex')
const file = Buffer.concat([block, end])
writeFileSync('g.fa.gz.fai', 'chr1\t60\t6\t60\t61\n')
writeFileSync('g.fa.gz.gzi', Buffer.alloc(8))
const read = async (bytes) => {
  writeFileSync('g.fa.gz', bytes)
  const fasta = new BgzipIndexedFasta({ path: 'g.fa.gz', faiPath: 'g.fa.gz.fai', gziPath: 'g.fa.gz.gzi' })
  return fasta.getSequence('chr1', 0, 8)
}
const intact = await read(file)
const changed = Buffer.from(file)
changed[changed.indexOf('ACGT')] ^= 2 // A becomes C
const found = await read(changed).catch((error) => `throws: ${error.message}`)
let zlib
try {
  gunzipSync(changed)
  zlib = 'reads it'
} catch (error) {
  zlib = `throws: ${error.message}`
}
console.log(`intact: ${intact}; one base changed: ${found}; zlib ${zlib}`)
if (intact !== 'ACGTACGT' || found !== 'CCGTACGT') {
  console.log('CHANGED: the checksum is verified')
  process.exit(1)
}
JS
node read.mjs
