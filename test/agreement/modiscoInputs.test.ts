/** Arrays of attributions as modisco-lite and finemo read them; skipped where Python lacks these (see python.ts). */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { npyBytes } from '../../src/io/arrays/npy.ts'
import { readArrayFile } from '../../src/io/arrays/arrayFile.ts'
import { silentReporter } from '../../src/base/reporter.ts'
import { exportAttributions } from '../../src/run/export/attributions.ts'
import { decodeSequence } from '../../src/sequence/alphabet.ts'
import { writeTable } from '../../src/store/tableWriter.ts'
import { modelRow, sequenceRow, temporaryDirectory } from '../store/fixtures.ts'
import { basesOf } from '../explain/knownModels.ts'
import { describeAgainst, runPython } from './python.ts'

const [rows, length] = [6, 40]

async function exported(): Promise<{ folder: string; codes: Uint8Array[]; contributions: number[][] }> {
  const run = await temporaryDirectory()
  const codes = Array.from({ length: rows }, (_, i) => basesOf(length, i))
  const random = new Random(1, 'contributions')
  const contributions = codes.map(() =>
    Array.from({ length: length * 4 }, () => Math.fround(random.normal())),
  )
  const at = (name: string) => join(run, 'tables', name, 'all.parquet')
  const sequences = codes.map((one, id) => sequenceRow(id, { sequence: decodeSequence(one) }))
  await writeTable('sequences', at('sequences'), sequences)
  await writeTable('models', at('models'), [modelRow(0, 'cnn')])
  await writeTable(
    'attributions',
    at('attributions'),
    codes.map((one, id) => ({
      model_id: 0,
      sequence_id: id,
      method: 'mutagenesis',
      replicate: 0,
      importance: [...one].map((code, i) => contributions[id]![i * 4 + code]!),
      contributions: contributions[id]!,
      standard_errors: null,
      incompleteness: null,
      fidelity: null,
      acceptance: null,
      effective_samples: null,
      seconds: 0.1,
    })),
  )
  const folder = join(run, 'arrays')
  const context = { directory: { path: run }, reporter: silentReporter, signal: new AbortController().signal }
  await exportAttributions(context, { format: 'modisco-inputs', output: folder })
  return { folder, codes, contributions }
}

/** Sums over everything, each cell times its number. */
function digest(cells: ArrayLike<number>): number {
  return Array.from(cells).reduce((sum, cell, i) => sum + cell * ((i % 997) + 1), 0)
}

const digestProgram = `
def digest(array):
    flat = np.asarray(array, dtype=np.float64).ravel()
    return float((flat * (np.arange(flat.size) % 997 + 1)).sum())
`

async function expectRead(program: string): Promise<void> {
  const { folder, codes, contributions } = await exported()
  const answer = (await runPython(program, folder)) as {
    ohe: { shape: number[]; digest: number }
    shap: { shape: number[]; digest: number }
  }
  const letters = codes.flatMap((one) =>
    [0, 1, 2, 3].flatMap((base) => [...one].map((code) => Number(code === base))),
  )
  const worth = contributions.flatMap((one) =>
    [0, 1, 2, 3].flatMap((base) => Array.from({ length }, (_, at) => one[at * 4 + base]!)),
  )
  expect(answer.ohe.shape).toEqual([rows, 4, length])
  expect(answer.shap.shape).toEqual([rows, 4, length])
  expect(answer.ohe.digest).toBe(digest(letters))
  expect(answer.shap.digest).toBeCloseTo(digest(worth), 3)
}

describeAgainst('modiscolite', 'arrays read by modisco-lite', () => {
  it(
    'are the sequences and their contributions',
    () =>
      expectRead(`
import json, pathlib, sys
import numpy as np
from modiscolite import cli
${digestProgram}
folder = pathlib.Path(json.load(sys.stdin))
read = {name: cli._load_input(folder / f'{name}.npz') for name in ('ohe', 'shap')}
json.dump({name: {'shape': list(one.shape), 'digest': digest(one)} for name, one in read.items()}, sys.stdout)
`),
    120_000,
  )
})

describeAgainst('finemo', 'arrays read by finemo', () => {
  it(
    'are the sequences and their contributions',
    () =>
      expectRead(`
import importlib.util, json, os, sys
import numpy as np
# The package imports torch, which its reader does without.
folder = importlib.util.find_spec('finemo').submodule_search_locations[0]
spec = importlib.util.spec_from_file_location('data_io', os.path.join(folder, 'data_io.py'))
data_io = importlib.util.module_from_spec(spec)
spec.loader.exec_module(data_io)
${digestProgram}
arrays = json.load(sys.stdin)
ohe = data_io.load_npy_or_npz(os.path.join(arrays, 'ohe.npz'))
shap = data_io.load_npy_or_npz(os.path.join(arrays, 'shap.npz'))
sequences, contributions = data_io.load_regions_from_modisco_fmt([os.path.join(arrays, 'shap.npz')], os.path.join(arrays, 'ohe.npz'), ${length / 2})
assert sequences.shape == ohe.shape and (sequences == ohe).all(), sequences.shape
assert np.allclose(contributions, shap, rtol=1e-3, atol=1e-3) # it keeps halves
json.dump({'ohe': {'shape': list(sequences.shape), 'digest': digest(sequences)}, 'shap': {'shape': list(shap.shape), 'digest': digest(shap)}}, sys.stdout)
`),
    120_000,
  )
})

describeAgainst('numpy', 'arrays of NumPy', () => {
  it('are read as they were saved, and ours by NumPy', async () => {
    const folder = join(await temporaryDirectory(), 'a')
    mkdirSync(folder)
    const values = Float32Array.from({ length: 24 }, (_, i) => i / 3)
    writeFileSync(join(folder, 'ours.npz'), zipSync({ 'arr_0.npy': npyBytes({ shape: [2, 3, 4], values }) }))
    const program = `
import json, os, sys
import numpy as np
folder = json.load(sys.stdin)
ours = np.load(os.path.join(folder, 'ours.npz'))['arr_0']
np.savez_compressed(os.path.join(folder, 'theirs.npz'), ours)
np.save(os.path.join(folder, 'half.npy'), ours.astype('f2'))
np.save(os.path.join(folder, 'whole.npy'), np.arange(5))
json.dump({'shape': list(ours.shape), 'type': str(ours.dtype), 'values': ours.ravel().tolist()}, sys.stdout)
`
    const answer = await runPython(program, folder)
    expect(answer).toEqual({ shape: [2, 3, 4], type: 'float32', values: [...values] })
    expect(await readArrayFile(join(folder, 'theirs.npz'))).toEqual({ shape: [2, 3, 4], values })
    expect((await readArrayFile(join(folder, 'whole.npy'))).values).toEqual(Float32Array.of(0, 1, 2, 3, 4))
    const half = await readArrayFile(join(folder, 'half.npy'))
    for (const [i, value] of half.values.entries()) expect(value).toBeCloseTo(values[i]!, 2)
  }, 60_000)
})
