/**
 * Builds dist/ after `npm install` in a clone, and before `npm pack`. Where the tools of development are left out
 * (`--omit=dev`), it leaves dist/ as it is, and says what to do if there is none.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What `npm run build` runs. */
const tools = ['typescript', 'assemblyscript/asc', 'esbuild']

/** @param {string} specifier */
function isInstalled(specifier) {
  try {
    import.meta.resolve(specifier)
    return true
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return false
    throw error
  }
}

const missing = tools.filter((tool) => !isInstalled(tool)).map((tool) => tool.split('/')[0])
if (missing.length === 0) {
  const npm = process.env.npm_execpath
  const [command, before] = npm === undefined ? ['npm', []] : [process.execPath, [npm]]
  const { status, error } = spawnSync(command, [...before, 'run', 'build'], { stdio: 'inherit' })
  if (error !== undefined) throw error
  process.exitCode = status ?? 1
} else if (!existsSync(new URL('../dist/cli/process.js', import.meta.url))) {
  process.stderr.write(
    `sis: dist/ is not built, because ${missing.join(' and ')} (of devDependencies) are not installed. ` +
      'To build here: npm install && npm prune --omit=dev. Or bring dist/ from a place where it is built.\n',
  )
}
