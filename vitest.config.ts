/** Two projects: `fast` (the README's test command) and `slow` (files named *.slow.test.ts, run by CI too). */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: './test/buildFirst.ts',
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
          // Files share the modules that a worker has loaded: loading them anew for each took a third of the time. What a file
          // puts in place of something is put back; what only a fresh process shows is tried in one (tfjsRuntime.test.ts).
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
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
