/** Prints one plain closing line, `Tests: N passed, N failed, N skipped`, for continuous integration to read. */
import type { Reporter, TestModule } from 'vitest/node'

// Vitest constructs the default export of a reporter's module.
// eslint-disable-next-line no-restricted-syntax
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const totals = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state !== 'pending') totals[state]++
      }
      if (module.children.size === 0 && module.state() === 'failed') totals.failed++
    }
    console.log(`Tests: ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
  }
}
