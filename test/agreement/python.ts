/**
 * Runs the Python programs that agreement suites compare with, in the Python that SIS_PYTHON names (else python3). One
 * that has all: `python3 -m venv .venv && .venv/bin/pip install memelite biopython scikit-learn onnx keras 'jax[cpu]' h5py torch onnxscript shap lime tangermeme`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { describe } from 'vitest'

export const python = process.env['SIS_PYTHON'] ?? 'python3'

/** A suite that is skipped, and says so in its name, where Python cannot find the module. */
export function describeAgainst(module: string, name: string, suite: () => void): void {
  const find = `import importlib.util, sys; sys.exit(importlib.util.find_spec('${module}') is None)`
  const absent = spawnSync(python, ['-c', find]).status !== 0
  describe.skipIf(absent)(absent ? `${name} (skipped: ${python} has no ${module})` : name, suite)
}

/**
 * Asynchronous, since vitest gives up on a worker that answers nothing for a minute.
 * @returns what the program printed as JSON, given `input` as JSON on stdin; throws its stderr where it fails
 */
export function runPython(program: string, input: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, ['-c', program])
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (status) => {
      if (status === 0) resolve(JSON.parse(stdout))
      else reject(new Error(`${python} failed: ${stderr}`))
    })
    // A program that dies early closes its stdin; its exit status tells why.
    child.stdin.on('error', () => undefined)
    child.stdin.end(JSON.stringify(input))
  })
}
