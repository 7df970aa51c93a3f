/** Before any test: the kernels and the page's script are those of the sources. */
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'

export function setup(): void {
  for (const builder of ['kernels/compile.js', 'report/bundle.js']) {
    execFileSync(process.execPath, [resolve(import.meta.dirname, '../src', builder)], { stdio: 'inherit' })
  }
}
