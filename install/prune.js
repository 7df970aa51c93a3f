#!/usr/bin/env node
/**
 * Removes from node_modules what running `sis` never reads: binaries of other platforms, source maps, types, sources, bundles
 * for browsers, documentation. For containers, where nothing is built on top: `node install/prune.js` in a clone,
 * `node node_modules/sis/install/prune.js` where it is installed. `npm ci` brings all of it back.
 *
 *   prune.js [NODE_MODULES]      the folder that sis lies in or has, unless given
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'

/** Of no use to Node, in any package; licences stay. */
const unread = [
  /\.map$/,
  /\.[cm]?ts$/,
  /\.(md|markdown|flow|coffee|html)$/i,
  /^(tsconfig.*\.json|\.(eslintrc|travis|prettierrc|editorconfig|npmignore).*)$/,
]
const licence = /licen[sc]e|notice|copying/i

/** Of these packages only the file that `main` names is read, and what its pattern matches. */
const mainOnly = {
  '@tensorflow/tfjs-core': /^$/,
  '@tensorflow/tfjs-layers': /^$/,
  '@tensorflow/tfjs-converter': /^$/,
  '@tensorflow/tfjs-backend-cpu': /^$/,
  '@tensorflow/tfjs-backend-wasm': /^dist\/[^/]+\.wasm$/,
}

/** Folders that are built for others than Node. */
const folders = [
  'h5wasm/dist/esm',
  'h5wasm/dist/iife',
  'protobufjs/dist',
  'pako/dist',
  'pako-esm2/dist',
  'zod/src',
]

const given = process.argv[2]
const here = resolve(import.meta.dirname, '..')
const root = resolve(
  given ?? (existsSync(join(here, 'node_modules/zod')) ? join(here, 'node_modules') : join(here, '..')),
)
if (!existsSync(join(root, 'onnxruntime-node'))) {
  process.stderr.write(`prune: ${root} holds no onnxruntime-node; name the node_modules that sis uses\n`)
  process.exit(2)
}

let freed = 0

/** @param {string} path */
function remove(path) {
  if (!existsSync(path)) return
  freed += sizeOf(path)
  rmSync(path, { recursive: true })
}

/** @param {string} path @returns {number} bytes on the disk */
function sizeOf(path) {
  const files = statSync(path).isFile() ? [path] : filesIn(path)
  return files.reduce((sum, file) => sum + statSync(file).blocks * 512, 0)
}

/** @param {string} folder @returns {string[]} all files below it */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

const binaries = join(root, 'onnxruntime-node/bin')
for (const api of readdirSync(binaries)) {
  for (const platform of readdirSync(join(binaries, api))) {
    for (const processor of readdirSync(join(binaries, api, platform))) {
      if (platform === process.platform && processor === process.arch) continue
      remove(join(binaries, api, platform, processor))
    }
  }
}

for (const [name, more] of Object.entries(mainOnly)) {
  const folder = join(root, name)
  if (!existsSync(folder)) continue
  const { main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const file of filesIn(folder)) {
    const inside = relative(folder, file).replaceAll('\\', '/')
    const nested = inside.startsWith('node_modules/')
    if (nested || inside === main || inside === 'package.json' || more.test(inside) || licence.test(inside))
      continue
    remove(file)
  }
}

for (const folder of folders) remove(join(root, folder))

for (const file of filesIn(root)) {
  const name = basename(file)
  if (unread.some((pattern) => pattern.test(name)) && !licence.test(name)) remove(file)
}

process.stdout.write(
  `prune: ${Math.round(freed / 2 ** 20)} MiB removed, ${Math.round(sizeOf(root) / 2 ** 20)} MiB left in ${root}\n`,
)
