/** Two projects: `fast` (the README's test command) and `slow` (files named *.slow.test.ts, run by CI too). */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: './test/buildKernels.ts',
    // Else one core of two is left idle.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'fast',
          setupFiles: ['./test/propertySeeds.ts'],
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.slow.test.ts'],
          pool: 'forks',
          // A guard against what never ends, far above what a test takes on a busy machine.
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'slow',
          include: ['test/**/*.slow.test.ts'],
          pool: 'forks',
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
    ],
    reporters: ['default', './test/totalsReporter.ts'],
  },
})
