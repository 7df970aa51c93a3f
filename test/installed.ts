/** Whether an optional package is there: suites that need one are skipped, visibly, without it. */
import { createRequire } from 'node:module'

export function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch {
    return false
  }
}
