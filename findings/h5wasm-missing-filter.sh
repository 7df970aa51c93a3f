#!/usr/bin/env bash
# h5wasm 0.10.3: a dataset behind a filter that it lacks (here LZF, which h5py offers as compression='lzf') reads as numbers
# that are not in the file, without an exception.
# Guess before: an error that names the missing filter, as h5py and h5dump give.
# Seen: an array of the right length with other numbers; HDF5's complaint goes to stderr only. With
# activate_throwing_error_handler() it throws. Dataset.filters lists what a reader has to look for first.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund h5wasm@0.10.3
cat >read.mjs <<'JS'
import { inflateSync } from 'node:zlib'
import { File, FS, ready } from 'h5wasm'

// h5py 3.14: create_dataset('a', data=np.repeat(np.arange(4), 8).astype('f4'), compression='lzf'), libver='latest'; deflated.
const file = inflateSync(
  Buffer.from(
    'eNrr9HBx4+WS4mLm4GCAgf9QIA8VMoCKf2qf1+/v4RLEpPBehCsbGVcwCSFrhAEuJgZGBgY2HgYgxZh4GGa+BwPVwN5JgevBTgJawCjCwMDEyMioAJWD0cwiDIyCCvIMLFBRcQ4G8XogixXoOmZubikGRqDuWhagG5kZcqrSwOpYge5uANIcMgwMLExMTIwKLIzyyBbDQquDYdCAc+UHFBlGwSgYBaNgFIwCYgCwnnsgzsDUYM/wQISZkcFBwfGBEDOQkn7Az8zo4AAAF1826g==',
    'base64',
  ),
)
const module = await ready
const expected = Array.from({ length: 32 }, (_, i) => Math.floor(i / 8))
const read = (name) => {
  FS.writeFile(name, file)
  const dataset = new File(name, 'r').get('a')
  try {
    const numbers = Array.from(dataset.value)
    const wrong = numbers.filter((x, i) => x !== expected[i]).length
    return { filters: dataset.filters.map((filter) => filter.name), result: `${wrong} of ${numbers.length} numbers wrong`, wrong }
  } catch (error) {
    return { filters: dataset.filters.map((filter) => filter.name), result: 'throws', wrong: -1 }
  }
}
const plain = read('/plain.h5')
module.activate_throwing_error_handler()
const throwing = read('/throwing.h5')
console.log(`filters: ${plain.filters.join()}; by default: ${plain.result}; with the throwing handler: ${throwing.result}`)
if (!(plain.wrong > 0) || throwing.wrong !== -1) {
  console.log('CHANGED: a missing filter is an error by default, or LZF is read')
  process.exit(1)
}
JS
node read.mjs 2>/dev/null
