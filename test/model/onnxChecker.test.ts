/** The reference checker of ONNX (Python package `onnx`) accepts our files; skipped where it is not installed. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { architectureNames, resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'

const python = process.env['SIS_PYTHON'] ?? 'python3'
const present = spawnSync(python, ['-c', 'import onnx']).status === 0

describe.skipIf(!present)('onnx.checker', () => {
  it.each(architectureNames)('accepts %s, with the shapes it infers', (name) => {
    const directory = mkdtempSync(join(tmpdir(), 'sis-onnx-'))
    try {
      const file = join(directory, 'model.onnx')
      writeFileSync(file, writeOnnx(initialiseNetwork(resolveArchitecture(name, 2), 101, ['a', 'b'], 1)))
      const check = 'import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)'
      const { status, stderr } = spawnSync(python, ['-c', check, file], { encoding: 'utf8' })
      expect(stderr).toBe('')
      expect(status).toBe(0)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
