/** As torchOnnx.test.ts, with the files that the PyTorch of this machine exports now. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadTensorFlow, type TensorFlowRuntime } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { describeAgainst, runPython } from './python.ts'
import { compareWithMaker, torchModels } from './torchModels.ts'

const script = join(import.meta.dirname, 'makeTorchModels.py')
const program = `
import contextlib, json, runpy, sys
sys.argv = ["makeTorchModels.py", json.load(sys.stdin)]
with contextlib.redirect_stdout(sys.stderr):
    made = runpy.run_path(${JSON.stringify(script)}, run_name="__main__")
print(json.dumps(list(made["MODELS"])))
`

describeAgainst('torch', 'models that PyTorch exports now', () => {
  let tensorFlow: TensorFlowRuntime
  let directory: string
  let made: unknown
  beforeAll(async () => {
    tensorFlow = await loadTensorFlow('tfjs-wasm')
    directory = await mkdtemp(join(tmpdir(), 'sis-torch-'))
    made = await runPython(program, directory)
  })
  afterAll(() => rm(directory, { recursive: true }))

  it('are those that we expect something of', () => {
    expect(made).toEqual(Object.keys(torchModels))
  })

  it.each(Object.keys(torchModels))('%s', async (name) => {
    await compareWithMaker(directory, name, tensorFlow)
  })
})
