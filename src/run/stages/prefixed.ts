/** A reporter whose tasks carry a name in front, e.g. the model's. */
import type { Reporter } from '../../base/reporter.ts'

export function prefixed(reporter: Reporter, name: string): Reporter {
  return {
    info: (message) => reporter.info(`${name}: ${message}`),
    warn: (message) => reporter.warn(`${name}: ${message}`),
    task: (label, total, before) => reporter.task(`${name}: ${label}`, total, before),
  }
}
