/** A Python that has what an agreement suite compares with: SIS_PYTHON, the checkout's .venv, or python3. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** @returns the first Python that can import the module; undefined where none can */
export function pythonWith(module: string): string | undefined {
  const candidates = [
    process.env['SIS_PYTHON'],
    join(import.meta.dirname, '../../.venv/bin/python'),
    'python3',
  ]
  return candidates.find(
    (python) =>
      python !== undefined &&
      spawnSync(python, [
        '-c',
        `import importlib.util, sys; sys.exit(importlib.util.find_spec('${module}') is None)`,
      ]).status === 0,
  )
}

/** @returns what the program printed as JSON, given `input` as JSON on stdin; throws its stderr where it fails */
export function runPython(python: string, program: string, input: unknown): unknown {
  const { status, stdout, stderr, error } = spawnSync(python, ['-c', program], {
    input: JSON.stringify(input),
    maxBuffer: 2 ** 30,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${python} failed: ${error?.message ?? stderr}`)
  return JSON.parse(stdout) as unknown
}
