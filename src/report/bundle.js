/**
 * Bundles client/ (TypeScript that runs in the reader's browser) to dist/report/client.js, which the page holds as it
 * is. Part of the build, as the kernels are.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

const target = resolve(import.meta.dirname, '../../dist/report')

const { outputFiles } = await build({
  entryPoints: [resolve(import.meta.dirname, 'client/main.ts')],
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  // Browsers that decompress by themselves (DecompressionStream): of 2023 and later.
  target: ['chrome103', 'firefox113', 'safari16.4'],
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
})
mkdirSync(target, { recursive: true })
// Written under another name first: whoever reads meanwhile must not read half a script.
const unfinished = join(target, `client.js.${process.pid}`)
writeFileSync(unfinished, outputFiles[0].contents)
renameSync(unfinished, join(target, 'client.js'))
