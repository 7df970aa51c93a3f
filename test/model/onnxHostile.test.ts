/** ONNX files that are broken, or meant to break us: one clear error that names the file, and no memory beyond it. */
import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/base/errors.ts'
import { Random } from '../../src/base/random.ts'
import type { ImportOptions } from '../../src/model/foreign/importedModel.ts'
import { importOnnx } from '../../src/model/foreign/onnx/onnxImport.ts'
import { blackBoxScores, largestGap, networkScores, randomCodes } from './importedScores.ts'
import { bytes, int, modelFile, rawTensor, string, varint, type TestModel } from './onnxFiles.ts'

const fixture = join(import.meta.dirname, '../fixtures/models/paper.onnx')
let folder: string
let file: string
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'sis-hostile-')), 'model')
  await mkdir(folder)
  file = join(folder, 'model.onnx')
})
afterAll(() => rm(join(folder, '..'), { recursive: true }))

/** A dense layer over [n, 4, 3]. */
const weights = { name: 'weights', dims: [12, 1], values: Float32Array.from({ length: 12 }, (_, i) => i / 7) }
const sound: TestModel = {
  nodes: [
    { op: 'Flatten', inputs: ['dna'], outputs: ['flat'] },
    { op: 'MatMul', inputs: ['flat', 'weights'], outputs: ['scores'] },
  ],
  tensors: [weights],
  inputs: [{ name: 'dna', dims: ['n', 4, 3] }],
  outputs: [{ name: 'scores', dims: ['n', 1] }],
}

async function complaint(content: Uint8Array, options: ImportOptions = {}): Promise<string> {
  await writeFile(file, content)
  return complaintOf(options)
}

async function complaintOf(options: ImportOptions = {}): Promise<string> {
  try {
    await importOnnx(file, options)
  } catch (error) {
    expect(error).toBeInstanceOf(DataError)
    expect((error as Error).message).not.toContain('\n')
    expect((error as Error).message.startsWith(`${file}: `)).toBe(true)
    return (error as Error).message.slice(file.length + 2)
  }
  return 'none'
}

const withTensor = (tensor: Uint8Array): Uint8Array => modelFile({ ...sound, tensors: [tensor] })
const external = (entries: Record<string, string>, dims = [12, 1]): Uint8Array =>
  withTensor(
    Buffer.concat([
      ...dims.map((dim) => int(1, dim)),
      int(2, 1),
      string(8, 'weights'),
      ...Object.entries(entries).map(([key, value]) =>
        bytes(13, Buffer.concat([string(1, key), string(2, value)])),
      ),
      int(14, 1),
    ]),
  )

describe('the sound model', () => {
  it('is read, so that what follows is refused for its fault alone', async () => {
    expect(await complaint(modelFile(sound))).toBe('none')
  })
})

describe('files that are no model', () => {
  it('absent, empty, text, zeros, noise', async () => {
    file = join(folder, 'absent.onnx')
    expect(await complaintOf()).toContain('no such file')
    file = join(folder, 'model.onnx')
    expect(await complaint(new Uint8Array())).toContain('is empty')
    expect(await complaint(new TextEncoder().encode('>sequence 1\nACGTACGT\n'))).toContain(
      'not an ONNX model',
    )
    expect(await complaint(new Uint8Array(1000))).toContain('not an ONNX model')
    const random = new Random(1, 'noise')
    for (let i = 0; i < 100; i++) {
      const noise = Uint8Array.from({ length: random.below(200) + 1 }, () => random.below(256))
      expect(await complaint(noise)).toMatch(/ONNX model|fields/)
    }
  })

  it('every cut of a model', async () => {
    const whole = await readFile(fixture)
    for (let length = 1; length < whole.length; length += 97) {
      expect(await complaint(whole.subarray(0, length))).not.toBe('none')
    }
  })

  it('a model with any one byte changed is read, or refused as data, and never worse', async () => {
    const whole = modelFile(sound)
    let refused = 0
    for (let i = 0; i < whole.length; i++) {
      const changed = Uint8Array.from(whole)
      changed[i] = changed[i]! ^ 0x55
      await writeFile(file, changed)
      try {
        await importOnnx(file, {})
      } catch (error) {
        if (!(error instanceof ConfigError)) expect(error).toBeInstanceOf(DataError)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(whole.length / 4)
  })

  it('a length beyond the file, a number without an end, a field that is none', async () => {
    expect(await complaint(Buffer.concat([varint(7 * 8 + 2), varint(2 ** 40), varint(1)]))).toContain(
      'cut short',
    )
    expect(await complaint(Buffer.concat([varint(7 * 8 + 2), varint(-1)]))).toContain('cut short')
    expect(await complaint(new Uint8Array(64).fill(0xff))).toContain('a number without an end')
    expect(await complaint(Uint8Array.of(7, 7, 7))).toContain('not an ONNX model')
  })

  it('graphs nested without end', async () => {
    let inner: Uint8Array = new Uint8Array()
    for (let i = 0; i < 100; i++)
      inner = bytes(1, bytes(5, Buffer.concat([string(1, 'body'), bytes(6, inner)])))
    expect(await complaint(bytes(7, inner))).toContain('deep')
  })

  it('more fields than memory should hold', async () => {
    const list = Buffer.concat([string(1, 'list'), bytes(8, new Uint8Array(2_100_000))])
    const node = bytes(1, bytes(5, list))
    expect(await complaint(bytes(7, node))).toContain('holds more than 2000000 fields')
  })

  it('a file of more than 2 GiB', async () => {
    await writeFile(file, '')
    await truncate(file, 2 ** 31) // sparse: takes no room
    expect(await complaintOf()).toContain('more than 2 GiB')
    await rm(file)
  })
})

describe('tensors', () => {
  it('that claim what the file does not hold', async () => {
    const claim = (dims: readonly (number | bigint)[], more: Uint8Array = bytes(9, new Uint8Array(8))) =>
      complaint(
        withTensor(Buffer.concat([...dims.map((dim) => int(1, dim)), int(2, 1), string(8, 'weights'), more])),
      )
    expect(await claim([1000, 1000, 1000])).toContain("tensor 'weights' claims 1000000000 numbers")
    expect(await claim([2 ** 31])).toContain("tensor 'weights' has the dimensions")
    expect(await claim([2n ** 62n, 4])).toContain("tensor 'weights' has the dimensions")
    expect(await claim([-12, -1])).toContain("tensor 'weights' has the dimensions [-12, -1]")
    expect(await claim([12, 1], bytes(4, new Uint8Array(12)))).toContain(
      'claims 12 numbers (float32 [12, 1]), but holds 3',
    )
    expect(await claim([12, 1], bytes(7, new Uint8Array(12)))).toContain('keeps float32 in field 7')
    expect(await claim([12, 1], new Uint8Array())).toContain('holds 0')
  })

  it('of a type that is none, or in segments', async () => {
    expect(
      await complaint(withTensor(Buffer.concat([int(1, 12), int(2, 99), string(8, 'weights')]))),
    ).toContain('data type 99')
    const segment = Buffer.concat([rawTensor(weights), bytes(3, int(1, 0))])
    expect(await complaint(withTensor(segment))).toContain('segments')
  })

  it('with NaN, or infinite weights; an infinite constant is none', async () => {
    const strange = (value: number) =>
      complaint(modelFile({ ...sound, tensors: [{ ...weights, values: weights.values.with(5, value) }] }))
    expect(await strange(NaN)).toContain("tensor 'weights' holds NaN (number 6 of 12)")
    expect(await strange(-Infinity)).toContain("tensor 'weights' holds -Infinity")
    const clip: TestModel = {
      ...sound,
      nodes: [
        ...sound.nodes.slice(0, 1),
        { op: 'Clip', inputs: ['flat', 'low', 'high'], outputs: ['clipped'] },
        { op: 'MatMul', inputs: ['clipped', 'weights'], outputs: ['scores'] },
      ],
      tensors: [
        weights,
        { name: 'low', dims: [], values: Float32Array.of(0) },
        { name: 'high', dims: [], values: Float32Array.of(Infinity) },
      ],
    }
    expect(await complaint(modelFile(clip))).toBe('none')
  })
})

describe('weights outside of the file', () => {
  it('are read in where they lie in the folder', async () => {
    const data = new Uint8Array(100)
    data.set(new Uint8Array(weights.values.buffer), 16)
    await mkdir(join(folder, 'weights'), { recursive: true })
    await writeFile(join(folder, 'weights', 'data.bin'), data)
    await writeFile(file, external({ location: 'weights/data.bin', offset: '16', length: '48' }))
    const { network, blackBox } = await importOnnx(file, {})
    if ('refusal' in network) throw new Error(network.refusal)
    await rm(join(folder, 'weights'), { recursive: true })
    const codes = randomCodes(5, 3)
    const scores = await blackBoxScores(blackBox!, codes)
    expect(new Set(scores).size).toBeGreaterThan(2)
    expect(largestGap(scores, await networkScores(network, codes))).toBeLessThan(1e-5)
  })

  it('outside of the folder are not looked at', async () => {
    const secret = join(folder, '..', 'secret.bin')
    await writeFile(secret, new Uint8Array(48))
    await symlink(secret, join(folder, 'link.bin'))
    await symlink('/dev/zero', join(folder, 'zero.bin'))
    const outside = /outside of the folder/
    for (const location of [
      secret,
      '../secret.bin',
      'a/../../secret.bin',
      'link.bin',
      'zero.bin',
      '..',
      '.',
      'C:\\secret.bin',
    ]) {
      expect(await complaint(external({ location }))).toMatch(outside)
    }
    expect(await complaint(external({}))).toContain('which is no name of a file')
    expect(await complaint(external({ location: 'a\0b' }))).toContain('which is no name of a file')
  })

  it('beyond the end of their file, of another size, or of a file that is none', async () => {
    await writeFile(join(folder, 'data.bin'), new Uint8Array(48))
    await mkdir(join(folder, 'directory'), { recursive: true })
    const refused = (entries: Record<string, string>, dims?: number[]) =>
      complaint(external({ location: 'data.bin', ...entries }, dims))
    expect(await refused({ offset: '4' })).toContain('bytes 4 to 52, but that file has 48')
    expect(await refused({ offset: '9007199254740000' })).toContain('but that file has 48')
    expect(await refused({ offset: '-4' })).toContain('no number')
    expect(await refused({ offset: '1e1' })).toContain('no number')
    expect(await refused({ length: '44' })).toContain('44 bytes where its shape needs 48')
    expect(await refused({}, [25_000, 20_000])).toContain('but that file has 48')
    expect(await refused({}, [46_000, 46_000])).toContain('2 GiB')
    expect(await refused({ location: 'absent.bin' })).toContain('no such file')
    expect(await refused({ location: 'directory' })).toContain('which is no file')
  })
})

describe('graphs', () => {
  const nodes = (...given: TestModel['nodes']) => complaint(modelFile({ ...sound, nodes: given }))

  it('that wait for themselves', async () => {
    expect(
      await nodes(
        { op: 'Add', inputs: ['dna', 'b'], outputs: ['a'], name: 'first' },
        { op: 'Relu', inputs: ['a'], outputs: ['b'], name: 'second' },
        { op: 'Relu', inputs: ['a'], outputs: ['scores'] },
      ),
    ).toMatch(/operator \w+ \('\w+'\) and operator \w+ \('\w+'\) wait for each other/)
    expect(await nodes({ op: 'Add', inputs: ['dna', 'scores'], outputs: ['scores'] })).toContain(
      'wait for each other',
    )
  })

  it('with a tensor that nothing makes, or that two make', async () => {
    expect(await nodes({ op: 'Relu', inputs: ['nowhere'], outputs: ['scores'], name: 'act' })).toContain(
      "operator Relu ('act') reads the tensor 'nowhere', which nothing makes",
    )
    expect(await nodes({ op: 'Relu', inputs: ['dna'], outputs: ['other'] })).toContain(
      "nothing makes its output 'scores'",
    )
    expect(
      await nodes(
        { op: 'Relu', inputs: ['dna'], outputs: ['scores'] },
        { op: 'Exp', inputs: ['dna'], outputs: ['scores'] },
      ),
    ).toContain("both make 'scores'")
    expect(await nodes({ op: 'Relu', inputs: ['dna'], outputs: ['weights'] })).toContain("makes 'weights'")
    expect(await complaint(modelFile({ ...sound, tensors: [weights, weights] }))).toContain(
      "two weights are named 'weights'",
    )
  })

  it('of a long chain are followed without a deep stack', async () => {
    const chain = Array.from({ length: 12_000 }, (_, i) => ({
      op: 'Identity',
      inputs: [`t${i + 1}`],
      outputs: [`t${i}`],
    }))
    const long: TestModel = {
      ...sound,
      nodes: [
        ...chain,
        { op: 'Flatten', inputs: ['dna'], outputs: ['t12000'] },
        { op: 'MatMul', inputs: ['t0', 'weights'], outputs: ['scores'] },
      ],
    }
    expect(await complaint(modelFile(long))).toBe('none')
  })

  it('of joints upon joints, or of one weight a thousand times, stay black boxes', async () => {
    const names = (i: number) => `x${i}`
    const joints: TestModel = {
      ...sound,
      nodes: [
        { op: 'Relu', inputs: ['dna'], outputs: ['x0'] },
        { op: 'Tanh', inputs: ['x0'], outputs: ['x1'] },
        ...Array.from({ length: 40 }, (_, i) => ({
          op: 'Add',
          inputs: [names(i), names(i + 1)],
          outputs: [names(i + 2)],
        })),
        { op: 'Flatten', inputs: ['x41'], outputs: ['flat'] },
        sound.nodes[1]!,
      ],
    }
    await writeFile(file, modelFile(joints))
    expect((await importOnnx(file, {})).network).toMatchObject({
      refusal: expect.stringContaining('more than 20000 layers') as string,
    })
    const large = { name: 'large', dims: [1000, 1000], values: new Float32Array(1e6).fill(1e-3) }
    const repeated: TestModel = {
      ...sound,
      nodes: [
        { op: 'Flatten', inputs: ['dna'], outputs: ['flat'] },
        { op: 'MatMul', inputs: ['flat', 'first'], outputs: ['x0'] },
        ...Array.from({ length: 1000 }, (_, i) => ({
          op: 'Gemm',
          inputs: [names(i), 'large'],
          outputs: [i === 999 ? 'scores' : names(i + 1)],
        })),
      ],
      tensors: [large, { name: 'first', dims: [12, 1000], values: new Float32Array(12_000) }],
      outputs: [{ name: 'scores', dims: ['n', 1000] }],
    }
    await writeFile(file, modelFile(repeated))
    const before = process.memoryUsage().arrayBuffers
    expect((await importOnnx(file, {})).network).toMatchObject({
      refusal: expect.stringContaining('memory') as string,
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 28)
  })
})

describe('models that are not of DNA', () => {
  const input = (dims: readonly (number | string)[], dataType = 1) =>
    complaint(modelFile({ ...sound, inputs: [{ name: 'dna', dims, dataType }] }))

  it('of other channels, ranks or types', async () => {
    expect(await input(['n', 20, 100])).toContain(
      "its input 'dna' is [n, 20, 100], but a model of DNA reads 4 channels",
    )
    expect(await input(['n', 3, 224, 224])).toContain('4 channels')
    expect(await input(['n', 401])).toContain('4 channels')
    expect(await input([])).toContain('has no shape')
    expect(await input(['n', 4, 3], 7)).toContain("its input 'dna' is int64")
    expect(await input(['n', 4, 3], 9)).toContain("its input 'dna' is bool")
  })

  it('of two inputs, none, or no scores', async () => {
    const two = { ...sound, inputs: [...sound.inputs, { name: 'cell', dims: ['n', 10] }] }
    expect(await complaint(modelFile(two))).toContain("has 2 inputs ('dna' [n, 4, 3], 'cell' [n, 10])")
    expect(
      await complaint(
        modelFile({
          ...sound,
          inputs: [],
          tensors: [weights, { name: 'dna', dims: [1, 4, 3], values: new Float32Array(12) }],
        }),
      ),
    ).toContain('has no input')
    expect(
      await complaint(modelFile({ ...sound, outputs: [{ name: 'scores', dims: ['n'], dataType: 7 }] })),
    ).toContain("no output of floating-point numbers (0: 'scores' int64 [n])")
  })
})
