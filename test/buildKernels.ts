/** Before any test: the kernels are those of the sources. */
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'

export function setup(): void {
  execFileSync(process.execPath, [resolve(import.meta.dirname, '../src/kernels/compile.js')], {
    stdio: 'inherit',
  })
}
