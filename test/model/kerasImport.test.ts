/** Keras files: what is read of them, in the words of every version, and what is said of broken ones. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/base/errors.ts'
import { Hdf5Writer, type Tensor } from '../../src/io/hdf5/hdf5.ts'
import type { ImportedModel } from '../../src/model/foreign/importedModel.ts'
import {
  importKeras,
  kerasExecutable,
  readKerasFile,
  type KerasOptions,
} from '../../src/model/foreign/keras/kerasImport.ts'
import type { Layer, Network } from '../../src/model/network/network.ts'

const fixtures = join(import.meta.dirname, '../fixtures/models/keras')
let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sis-test-'))
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

let files = 0

function write(bytes: Uint8Array | string, ending = 'h5'): string {
  const file = join(directory, `${++files}.${ending}`)
  writeFileSync(file, bytes)
  return file
}

interface Saved {
  readonly version?: string
  readonly backend?: string
  readonly config: unknown
  /** By layer: name of the weight and its numbers. */
  readonly weights: Readonly<Record<string, readonly (readonly [name: string, tensor: Tensor])[]>>
}

/** As Keras 1 and 2 save. */
async function hdf5({ version, backend, config, weights }: Saved): Promise<string> {
  const writer = await Hdf5Writer.create()
  try {
    if (version !== undefined) writer.text('', 'keras_version', version)
    if (backend !== undefined) writer.text('', 'backend', backend)
    writer.text('', 'model_config', JSON.stringify(config))
    writer.group('model_weights')
    writer.texts('model_weights', 'layer_names', Object.keys(weights))
    for (const [layer, tensors] of Object.entries(weights)) {
      writer.group(`model_weights/${layer}`)
      writer.texts(
        `model_weights/${layer}`,
        'weight_names',
        tensors.map(([name]) => name),
      )
      for (const [name, tensor] of tensors) writer.tensor(`model_weights/${layer}/${name}`, tensor)
    }
    return write(writer.finish())
  } finally {
    writer.close()
  }
}

/** 0, 1, 2, … / 100 */
function counting(...shape: number[]): Tensor {
  const size = shape.reduce((product, n) => product * n, 1)
  return { shape, values: Float32Array.from({ length: size }, (_, i) => i / 100) }
}

/** A zip whose directory claims a size for config.json, which unpacks to 1 MiB. */
function zipClaiming(size: number): Uint8Array {
  const zip = Buffer.from(
    zipSync({ 'config.json': new Uint8Array(2 ** 20), 'model.weights.h5': new Uint8Array(9) }),
  )
  zip.writeUInt32LE(size, zip.indexOf('PK\x01\x02') + 24)
  return zip
}

function sequential(...layers: unknown[]): unknown {
  return { class_name: 'Sequential', config: layers }
}

function layer(class_name: string, config: Record<string, unknown>): unknown {
  return { class_name, config }
}

const convolution = layer('Conv1D', {
  name: 'conv',
  batch_input_shape: [null, 6, 4],
  filters: 2,
  kernel_size: [3],
  strides: [1],
  padding: 'valid',
  dilation_rate: [1],
  activation: 'relu',
  use_bias: true,
})
const pool = layer('GlobalMaxPooling1D', { name: 'pool' })
const dense = (units = 1, activation = 'sigmoid') =>
  layer('Dense', { name: 'dense', units, activation, use_bias: true })
const convolutionWeights = [
  ['kernel', counting(3, 4, 2)],
  ['bias', counting(2)],
] as const
const denseWeights = (units = 1) =>
  [
    ['kernel', counting(2, units)],
    ['bias', counting(units)],
  ] as const

function plain(changes: Partial<Saved> = {}): Promise<string> {
  return hdf5({
    version: '2.2.4',
    backend: 'tensorflow',
    config: sequential(convolution, pool, dense()),
    weights: { conv: convolutionWeights, dense: denseWeights() },
    ...changes,
  })
}

function networkOf({ network }: ImportedModel): Network {
  if ('refusal' in network) throw new Error(network.refusal)
  return network
}

async function layersOf(file: string, options: KerasOptions = {}): Promise<readonly Layer[]> {
  return networkOf(await importKeras(file, options)).layers
}

const expectedConvolution: Layer = {
  kind: 'conv1d',
  filters: 2,
  kernelSize: 3,
  padding: 'valid',
  dilation: 1,
  kernel: counting(3, 4, 2).values,
  bias: counting(2).values,
}

describe('Keras 2', () => {
  it('is read layer by layer, with the names of its ends', async () => {
    const { network, blackBox, format } = await importKeras(await plain(), {})
    expect(format).toBe('keras')
    expect(network).toEqual({
      inputLength: 6,
      strands: 'forward',
      outputs: ['output'],
      layers: [
        expectedConvolution,
        { kind: 'activation', function: 'relu' },
        { kind: 'globalMaxPool' },
        { kind: 'dense', units: 1, kernel: counting(2, 1).values, bias: counting(1).values },
        { kind: 'activation', function: 'sigmoid' },
      ],
    })
    expect(blackBox?.input).toEqual({
      name: 'conv_input',
      dims: [6, 4],
      order: 'NWC',
      alphabet: 'ACGT',
      length: 6,
      batch: undefined,
    })
    expect(blackBox?.output).toEqual({
      name: 'dense_activation',
      outputs: ['output'],
      cut: { function: 'sigmoid', tensor: 'dense', width: 1 },
      transform: 'none',
    })
  })

  it('of Theano has its kernels turned round', async () => {
    const [first] = await layersOf(await plain({ backend: 'theano' }))
    const kernel = (first as { kernel: Float32Array }).kernel
    expect([...kernel.subarray(0, 8)]).toEqual([...counting(3, 4, 2).values.subarray(16)])
  })

  it('reads another order of letters into the kernel', async () => {
    const [first] = await layersOf(await plain(), { alphabet: 'TGCA' })
    const kernel = (first as { kernel: Float32Array }).kernel
    const given = counting(3, 4, 2).values
    for (let k = 0; k < 3; k++) {
      for (let c = 0; c < 4; c++) {
        expect(kernel[(k * 4 + 3 - c) * 2]).toBe(given[(k * 4 + c) * 2])
      }
    }
  })

  it('of any length asks for one, and takes it', async () => {
    const anyLength = layer('Conv1D', {
      ...(convolution as { config: object }).config,
      batch_input_shape: [null, null, 4],
    })
    const file = await plain({ config: sequential(anyLength, pool, dense()) })
    await expect(importKeras(file, {})).rejects.toThrow(/any length.*say which with length/)
    expect(networkOf(await importKeras(file, { length: 30 })).inputLength).toBe(30)
  })

  it('takes names of outputs, as many as there are', async () => {
    const file = await plain()
    expect(networkOf(await importKeras(file, { outputNames: ['bound'] })).outputs).toEqual(['bound'])
    await expect(importKeras(file, { outputNames: ['a', 'b'] })).rejects.toThrow(
      new ConfigError("output-names gives 2 names, but the output 'dense' holds 1 number"),
    )
  })

  it.each([
    ['logit', undefined],
    ['softmax', 'softmax'],
    ['exp', 'exp'],
  ] as const)('with the transform %s ends in %s', async (transform, end) => {
    const last = (await layersOf(await plain(), { transform })).at(-1)!
    if (end === undefined) expect(last.kind).toBe('dense')
    else expect(last).toEqual({ kind: 'activation', function: end })
  })

  it('is a black box where a transform is no layer', async () => {
    const { network, blackBox } = await importKeras(await plain(), { transform: 'log' })
    expect(network).toHaveProperty('refusal', expect.stringContaining('transform log'))
    expect(blackBox?.output.transform).toBe('log')
  })
})

describe('Keras 1', () => {
  it('has other words and other kernels', async () => {
    // [length, 1, inputs, filters], as version 1.2 kept them.
    const { values } = counting(3, 4, 2)
    const file = await hdf5({
      config: sequential(
        layer('Convolution1D', {
          name: 'conv',
          batch_input_shape: [null, 6, 4],
          nb_filter: 2,
          filter_length: 3,
          border_mode: 'valid',
          subsample_length: 1,
          activation: 'relu',
          bias: true,
        }),
        layer('MaxPooling1D', { name: 'pool', pool_length: 2, stride: 2, border_mode: 'valid' }),
        layer('Flatten', { name: 'flat' }),
        layer('Dense', { name: 'dense', output_dim: 1, activation: 'linear', bias: true }),
      ),
      weights: {
        conv: [
          ['conv_W', { shape: [3, 1, 4, 2], values }],
          ['conv_b', counting(2)],
        ],
        dense: [
          ['dense_W', counting(4, 1)],
          ['dense_b', counting(1)],
        ],
      },
    })
    expect(await layersOf(file)).toEqual([
      expectedConvolution,
      { kind: 'activation', function: 'relu' },
      { kind: 'maxPool1d', size: 2, stride: 2, padding: 'valid' },
      { kind: 'flatten' },
      { kind: 'dense', units: 1, kernel: counting(4, 1).values, bias: counting(1).values },
    ])
  })

  it('keeps the gates of an LSTM apart; joined in the order of Keras 2 they are its kernel', async () => {
    const part = (value: number, ...shape: number[]): Tensor => ({
      shape,
      values: counting(...shape).values.fill(value),
    })
    const gates = ['i', 'c', 'f', 'o'].flatMap((gate, g) => [
      [`W_${gate}`, part(g, 4, 2)] as const,
      [`U_${gate}`, part(g, 2, 2)] as const,
      [`b_${gate}`, part(g, 2)] as const,
    ])
    const config = { name: 'lstm', batch_input_shape: [null, 6, 4], output_dim: 2, activation: 'tanh' }
    const file = await hdf5({
      config: sequential(layer('LSTM', { ...config, inner_activation: 'hard_sigmoid' })),
      weights: { lstm: gates },
    })
    const { network, blackBox } = await importKeras(file, {})
    expect(network).toHaveProperty('refusal', expect.stringContaining("layer 'lstm' (LSTM)"))
    if (blackBox?.executable.kind !== 'tfjs-layers') throw new Error('no layers model')
    const { specs, data } = blackBox.executable.weights
    expect(specs.map(({ name, shape }) => [name, shape])).toEqual([
      ['lstm/kernel', [4, 8]],
      ['lstm/recurrent_kernel', [2, 8]],
      ['lstm/bias', [8]],
    ])
    const row = new Float32Array(data.buffer.slice(0, 32))
    expect([...row]).toEqual([0, 0, 2, 2, 1, 1, 3, 3]) // i, f, c, o
  })
})

describe('a JSON of the layers', () => {
  it('finds its weights beside it', async () => {
    const [json, keras] = await Promise.all([
      importKeras(join(fixtures, 'plain.json'), {}),
      importKeras(join(fixtures, 'plain.keras'), {}),
    ])
    expect(json.network).toEqual(keras.network)
  })

  it('without weights says where they were looked for', async () => {
    const file = write(readFileSync(join(fixtures, 'plain.json')), 'json')
    await expect(importKeras(file, {})).rejects.toThrow(/without its weights.*model\.weights\.h5/)
    const weights = join(fixtures, 'plain.weights.h5')
    expect(networkOf(await importKeras(file, { weights })).layers.length).toBeGreaterThan(5)
  })

  it('is asked for where a file has weights only', async () => {
    await expect(importKeras(join(fixtures, 'plain.weights.h5'), {})).rejects.toThrow(/name the JSON/)
  })
})

describe('several outputs', () => {
  const file = join(fixtures, 'heads.keras')
  it('are listed, and chosen by name or index', async () => {
    await expect(importKeras(file, {})).rejects.toThrow(/2 outputs.*0: 'first', 1: 'second'/)
    const [byName, byIndex] = await Promise.all([
      importKeras(file, { outputTensor: 'second' }),
      importKeras(file, { outputTensor: 1 }),
    ])
    expect(byName).toEqual(byIndex)
    expect(networkOf(byName).outputs).toEqual(['output 0', 'output 1', 'output 2'])
    await expect(importKeras(file, { outputTensor: 'third' })).rejects.toThrow(ConfigError)
  })
})

describe('a model of other inputs', () => {
  const image = layer('Conv2D', {
    name: 'conv',
    batch_input_shape: [null, 8, 8, 3],
    filters: 2,
    kernel_size: [3, 3],
    activation: 'relu',
  })
  const config = sequential(image, layer('GlobalMaxPooling2D', { name: 'pool' }))
  const weights = { conv: [['kernel', counting(3, 3, 3, 2)] as const, ['bias', counting(2)] as const] }

  it('is no model of sequences, but TensorFlow.js runs it', async () => {
    const file = await plain({ config, weights })
    await expect(importKeras(file, {})).rejects.toThrow(/its input 'conv_input' is \[n, 8, 8, 3\]/)
    const run = kerasExecutable(await readKerasFile(file), {}, file)
    expect(run.inputDims).toEqual([8, 8, 3])
    expect(run.weights.specs.map(({ name }) => name)).toEqual(['conv/kernel', 'conv/bias'])
  })
})

describe('what cannot be read is said', () => {
  const unknown: [what: string, changes: () => Partial<Saved>, message: RegExp][] = [
    [
      'a custom layer',
      () => ({ config: sequential(convolution, layer('MyLayer', { name: 'mine' }), pool, dense()) }),
      /layer 'mine' \(MyLayer\).*export the model to ONNX/,
    ],
    [
      'a Lambda',
      () => ({ config: sequential(convolution, layer('Lambda', { name: 'f' }), pool, dense()) }),
      /layer 'f' \(Lambda\)/,
    ],
    [
      'a custom activation',
      () => ({ config: sequential(convolution, pool, dense(1, 'mine')) }),
      /layer 'dense' \(Dense\) has the activation 'mine'/,
    ],
    ['a class of its own', () => ({ config: { class_name: 'MyModel', config: {} } }), /class 'MyModel'/],
    ['no model', () => ({ config: [1, 2] }), /no configuration of a Keras model/],
    [
      'missing weights',
      () => ({ weights: { conv: convolutionWeights } }),
      /no weights of layer 'dense' \(Dense\)/,
    ],
    [
      'too few weights',
      () => ({ weights: { conv: convolutionWeights.slice(0, 1), dense: denseWeights() } }),
      /1 weights of layer 'conv' \(Conv1D\), which needs 2/,
    ],
    [
      'weights of another shape',
      () => ({
        weights: {
          conv: convolutionWeights,
          dense: [
            ['kernel', counting(3, 1)],
            ['bias', counting(1)],
          ],
        },
      }),
      /layer 'dense' \(Dense\) has a kernel of \[3, 1\].*need \[2, 1\]/,
    ],
    [
      'NaN',
      () => ({
        weights: {
          conv: convolutionWeights,
          dense: [
            ['kernel', { shape: [2, 1], values: Float32Array.of(1, NaN) }],
            ['bias', counting(1)],
          ],
        },
      }),
      /the kernel of layer 'dense' \(Dense\) holds NaN/,
    ],
    [
      'a wrong alphabet',
      () => ({
        config: sequential(
          layer('Conv1D', { ...(convolution as { config: object }).config, batch_input_shape: [null, 6, 5] }),
          pool,
        ),
        weights: {
          conv: [
            ['kernel', counting(3, 5, 2)],
            ['bias', counting(2)],
          ],
        },
      }),
      /its input 'conv_input' is \[n, 6, 5\], but a model of DNA reads 4 channels/,
    ],
    [
      'a kernel longer than the sequence',
      () => ({
        config: sequential(
          layer('Conv1D', { ...(convolution as { config: object }).config, batch_input_shape: [null, 2, 4] }),
          pool,
          dense(),
        ),
      }),
      /spans 3 of 2 positions/,
    ],
  ]

  it.each(unknown)('%s', async (_, changes, message) => {
    const file = await plain(changes())
    const error: unknown = await importKeras(file, {}).catch((fault: unknown) => fault)
    expect(error).toBeInstanceOf(DataError)
    expect((error as Error).message).toMatch(message)
    expect((error as DataError).location.file).toBe(file)
  })

  const broken: [what: string, bytes: () => Uint8Array | string, ending: string, message: RegExp][] = [
    ['nothing', () => '', 'h5', /neither HDF5, a .keras file nor the JSON/],
    ['text', () => 'hello', 'h5', /neither HDF5/],
    [
      'a truncated HDF5',
      () => readFileSync(join(fixtures, 'plain.h5')).subarray(0, 20_000),
      'h5',
      /is truncated/,
    ],
    [
      'an HDF5 of zeros',
      () => Buffer.concat([Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), Buffer.alloc(4000)]),
      'h5',
      /cannot be read as HDF5/,
    ],
    [
      'a truncated zip',
      () => readFileSync(join(fixtures, 'plain.keras')).subarray(0, 9000),
      'keras',
      /damaged zip/,
    ],
    [
      'a zip with a flipped bit of a weight',
      () => {
        const bytes = readFileSync(join(fixtures, 'plain.keras'))
        const at = bytes.lastIndexOf('PK\x01\x02') // the directory; before it lie the stored weights
        bytes[bytes.lastIndexOf(0x3e, at)]! ^= 1
        return bytes
      },
      'keras',
      /damaged zip \(the checksum \(CRC-32\) of its model\.weights\.h5 is wrong\)/,
    ],
    ['another zip', () => zipSync({ 'a.txt': new Uint8Array(10) }), 'keras', /no config.json/],
    [
      'a zip of a configuration alone',
      () => zipSync({ 'config.json': Buffer.from('{}') }),
      'keras',
      /no model.weights.h5/,
    ],
    [
      'a zip that claims to grow',
      () => zipClaiming(0x7fffffff),
      'keras',
      /config.json that claims 2147483647 bytes/,
    ],
    ['a zip that grows more than it claims', () => zipClaiming(30), 'keras', /not JSON|damaged zip/],
    ['broken JSON', () => '{"class_name": ', 'json', /not JSON/],
  ]

  it.each(broken)('%s', async (_, bytes, ending, message) => {
    const file = write(bytes(), ending)
    const error: unknown = await importKeras(file, {}).catch((fault: unknown) => fault)
    expect(error).toBeInstanceOf(DataError)
    expect((error as Error).message).toMatch(message)
    expect((error as Error).message.startsWith(`${file}: `)).toBe(true)
  })

  it('a file that is not there', async () => {
    await expect(importKeras(join(directory, 'nowhere.h5'), {})).rejects.toThrow(/no such file/)
  })

  it('a dataset that claims more than the file holds', async () => {
    const { File, FS, ready } = await import('h5wasm')
    await ready
    const file = new File('/huge.h5', 'w')
    file.create_attribute('model_config', JSON.stringify(sequential(convolution, pool, dense())))
    file.create_group('model_weights').create_attribute('layer_names', ['conv'], [1], 'S4')
    const group = (file.get('model_weights') as ReturnType<typeof file.create_group>).create_group('conv')
    group.create_attribute('weight_names', ['kernel', 'bias'], [2], 'S6')
    // Chunks that were never written take no room.
    group.create_dataset({
      name: 'kernel',
      data: new Float32Array(4),
      shape: [4],
      maxshape: [null],
      chunks: [4],
      dtype: '<f4',
    })
    ;(group.get('kernel') as unknown as { resize(shape: number[]): void }).resize([4e9])
    file.close()
    const path = write(FS!.readFile('/huge.h5'))
    expect(readFileSync(path).length).toBeLessThan(100_000)
    await expect(importKeras(path, {})).rejects.toThrow(
      /claims more weights than it holds bytes for, \[4000000000\]/,
    )
  })

  it('damage of any kind, without a crash', async () => {
    const whole = readFileSync(join(fixtures, 'plain.h5'))
    let faults = 0
    for (let seed = 1; seed <= 30; seed++) {
      const bytes = Buffer.from(whole)
      for (let i = 0; i < 20; i++)
        bytes[(seed * 7919 + i * i * 104_729) % bytes.length]! ^= 1 + ((seed + i) % 255)
      const error: unknown = await importKeras(write(bytes), {}).catch((fault: unknown) => fault)
      if (error instanceof Error) {
        expect(error).toBeInstanceOf(DataError)
        faults++
      }
    }
    expect(faults).toBeGreaterThan(10)
    expect((await layersOf(join(fixtures, 'plain.h5'))).length).toBeGreaterThan(5) // nothing of it stays
  })
})
