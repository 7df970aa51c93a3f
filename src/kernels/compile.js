/**
 * Compiles each file of assembly/ (AssemblyScript) to dist/kernels/NAME.wasm. Part of the build; files that are newer
 * than their sources are left alone.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const sources = resolve(import.meta.dirname, 'assembly')
/** Constants that the planners read too. */
const layout = resolve(import.meta.dirname, 'layout')
const target = resolve(import.meta.dirname, '../../dist/kernels')

/** Entry points; the other files are parts of them. */
const entries = ['scanner', 'dense', 'differences', 'scanTraining', 'tomtom']

const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd']

/** @param {string} path */
function modified(path) {
  try {
    return statSync(path).mtimeMs
  } catch {
    return -Infinity
  }
}

export async function compileKernels() {
  mkdirSync(target, { recursive: true })
  const files = readdirSync(sources).filter((file) => file.endsWith('.ts'))
  const newest = Math.max(
    modified(fileURLToPath(import.meta.url)),
    ...[sources, layout].flatMap((folder) => readdirSync(folder).map((file) => modified(join(folder, file)))),
  )
  for (const entry of entries) {
    const output = join(target, `${entry}.wasm`)
    if (!files.includes(`${entry}.ts`) || modified(output) > newest) continue
    // Written under another name first: whoever reads meanwhile must not read half a module.
    const unfinished = `${output}.${process.pid}`
    const messages = asc.createMemoryStream()
    const { error } = await asc.main(
      [`${entry}.ts`, '--baseDir', sources, '--outFile', 'out.wasm', ...options],
      {
        stdout: messages,
        stderr: messages,
        readFile: (/** @type {string} */ name, /** @type {string} */ base) => {
          try {
            return readFileSync(resolve(base, name), 'utf8')
          } catch {
            return null
          }
        },
        writeFile: (/** @type {string} */ name, /** @type {string | Uint8Array} */ contents) => {
          if (name === 'out.wasm') writeFileSync(unfinished, contents)
        },
        listFiles: () => [],
      },
    )
    if (error !== null)
      throw new Error(`kernel ${entry} does not compile:\n${messages.toString()}`, { cause: error })
    renameSync(unfinished, output)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await compileKernels()
