/** As onnxLayers.test.ts, with the files that the PyTorch and the tf2onnx of this machine write now. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkLayerModel } from './checkLayerModel.ts'
import { layersOfNetworks, notWritten } from './onnxLayers.ts'
import { describeAgainst, runPython } from './python.ts'

const script = join(import.meta.dirname, 'makeOnnxLayers.py')
const program = `
import contextlib, json, runpy, sys
directory, maker = json.load(sys.stdin)
sys.argv = ["makeOnnxLayers.py", directory, maker]
with contextlib.redirect_stdout(sys.stderr):
    runpy.run_path(${JSON.stringify(script)}, run_name="__main__")
print("null")
`

for (const maker of ['torch', 'tf2onnx'] as const) {
  describeAgainst(maker, `layers that ${maker} writes now`, () => {
    it(
      'score as with their maker, as networks or black boxes',
      async () => {
        const directory = await mkdtemp(join(tmpdir(), 'sis-layers-'))
        try {
          await runPython(program, [directory, maker])
          const files = (await readdir(directory)).filter((file) => file.endsWith('.onnx'))
          const names = files.map((file) => file.slice(0, -'.onnx'.length))
          const expected = layersOfNetworks.map((layer) => `${maker}-${layer}`)
          expect(names).toEqual(expect.arrayContaining(expected.filter((name) => !notWritten.includes(name))))
          for (const name of names) {
            const about: unknown = JSON.parse(await readFile(join(directory, `${name}.json`), 'utf8'))
            await checkLayerModel(join(directory, `${name}.onnx`), name, about)
          }
        } finally {
          await rm(directory, { recursive: true })
        }
      },
      30 * 60_000,
    )
  })
}
