/** A model from elsewhere, from its file to its SIS: as a network, as a black box, and read wrongly. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { toFloat16 } from '../../src/base/float16.ts'
import { attributeTypes, encodeOnnx } from '../../src/model/formats/onnx/onnxEncode.ts'
import { ownOnnxModel, writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import { encodeSequence, uniformBackground } from '../../src/sequence/alphabet.ts'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'
import { modelFile } from '../model/onnxFiles.ts'
import { runx1Grammar, runx1Scanner } from './runx1Grammar.ts'

const length = 30
const directory = temporaryDirectory()
const at = (name: string): string => join(directory, name)

/** The RUNX1 scanner with its rectifier as ThresholdedRelu at 0, which the network form has not. */
function blackBox(): Uint8Array {
  const model = ownOnnxModel(runx1Scanner(length))
  for (const node of model.graph.node)
    if (node.opType === 'Relu') {
      node.opType = 'ThresholdedRelu'
      node.attribute = [{ name: 'alpha', type: attributeTypes.float, f: 0 }]
    }
  return encodeOnnx(model)
}

const [withSite, without] = ['CCACCATGTGGTTTCCACGATTACCAGACC', 'CCACCATCTCGATTCCACGATTACCAGACC'] as const

async function configure(name: string, model: string): Promise<string> {
  const file = at(`${name}.yaml`)
  writeFileSync(
    file,
    `
seed: 3
sequences: { sources: [{ simulate: grammar.yaml }] }
models: [{ name: mine, file: ${model} }]
extract: { splits: [test], threshold: 0.5, max-sis: 2 }
report: { examples: 1 }
`,
  )
  const { code, stderr } = await runSis(['run', file, '--out', at(name)])
  return `${code} ${stderr}`
}

async function storedSis(run: string): Promise<unknown> {
  const sql = 'SELECT sequence_id, rank, positions, certified FROM sis ORDER BY sequence_id, rank'
  const { stdout, stderr, code } = await runSis(['query', at(run), sql, '--format', 'json'])
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout)
}

beforeAll(() => {
  mkdirSync(at('weights'))
  writeFileSync(at('grammar.yaml'), runx1Grammar(length, 60))
  writeFileSync(at('mine.onnx'), writeOnnx(runx1Scanner(length)))
  writeFileSync(at('box.onnx'), blackBox())
  writeFileSync(at('some.fa'), `>one\n${withSite}\n>two words\n${without}\n`)
})

describe('sis run with a model file', () => {
  it('takes a network over: the engine explains it', async () => {
    const end = await configure('known', 'mine.onnx')
    expect(end).toMatch(/^0 /)
    expect(end).toMatch(/train\.mine: taken over from .*mine\.onnx \(onnx; \d layers known\)/)
    expect(end).toContain('mine: engine scanner')
    const description = JSON.parse(readFileSync(at('known/models/mine/model.json'), 'utf8')) as object
    expect(description).toMatchObject({ form: 'network', source: { format: 'onnx' }, training: null })
  })

  it('explains what it does not know as a black box, says which operator it was, and finds the same SIS', async () => {
    const end = await configure('unknown', 'box.onnx')
    expect(end).toMatch(/^0 /)
    expect(end).toMatch(/mine: engine naive \(.*ThresholdedRelu/)
    const sis = await storedSis('unknown')
    expect(sis).toEqual(await storedSis('known'))
    expect((sis as unknown[]).length).toBeGreaterThan(5)
    expect(readFileSync(at('unknown/report.html'), 'utf8')).toContain('ThresholdedRelu')
  })

  it.each([
    [
      'other scores than its author has',
      `mine.onnx, check: [{ sequence: ${withSite}, scores: [0.1] }]`,
      3,
      /scores 0\.999\d+ where check 1 says 0\.1 \(output '\w+'\)/,
    ],
    [
      'a check of another length',
      'mine.onnx, check: [{ sequence: ACGT, scores: [0.1] }]',
      2,
      /reads 30 bases.*the check has 4 and 1/,
    ],
    ['an alphabet that is none', 'box.onnx, alphabet: ACGG', 2, /alphabet/],
    ['a file that is none', 'nowhere.onnx', 3, /nowhere\.onnx: no such file/],
  ])('stops before a long run: %s', async (_, model, code, message) => {
    const end = await configure('wrong', model)
    expect(end).toMatch(message)
    expect(end.startsWith(`${code} `), end).toBe(true)
  })
})

describe('sis predict with a model file', () => {
  it.each(['mine.onnx', 'box.onnx'])('scores FASTA as a table: %s', async (file) => {
    const { code, stdout, stderr } = await runSis(['predict', at(file), at('some.fa')])
    expect(code, stderr).toBe(0)
    const [header, ...rows] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'))
    expect(header![0]).toBe('name')
    expect(rows.map(([name]) => name)).toEqual(['one', 'two'])
    const predictor = await createOnnxPredictor(runx1Scanner(length), {
      background: uniformBackground,
    })
    const scores = await predictor.predict(encodeSequence(withSite + without), 2)
    await predictor.close()
    for (const [i, row] of rows.entries()) expect(Number(row[1])).toBeCloseTo(scores[i]!, 5)
  })

  it('scores on another device than the format has, where the layers are known', async () => {
    const { code, stdout, stderr } = await runSis([
      'predict',
      at('mine.onnx'),
      at('some.fa'),
      '--device',
      'tfjs-wasm',
    ])
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/scored by @tensorflow\/tfjs-core .*wasm/)
    expect(stdout.split('\n')[1]).toMatch(/^one\t0\.9999/)
    const box = await runSis(['predict', at('box.onnx'), at('some.fa'), '--device', 'tfjs-wasm'])
    expect(box.code).toBe(2)
    expect(box.stderr).toContain('cannot run an ONNX model; use auto or one of cpu')
  })

  it('names the sequence that the model cannot read', async () => {
    writeFileSync(at('short.fa'), `>one\n${withSite}\n>short\nACGT\n`)
    const { code, stdout, stderr } = await runSis(['predict', at('mine.onnx'), at('short.fa')])
    expect(code).toBe(3)
    expect(stderr).toContain("short.fa: sequence 'short': has 4 bases, but the model reads 30")
    expect(stdout).toMatch(/^name\t.*\none\t/)
  })

  it.each([
    [['predict', at('mine.onnx')], /is a file, not a run; say what it shall score/],
    [['predict', at('mine.onnx'), at('peaks.bed')], /name their genome with --genome/],
    [
      ['predict', at('mine.onnx'), at('some.fa'), '--quantile', '0.5'],
      /--quantile is for the sequences of a run/,
    ],
    [['predict', at('known'), '--genome', 'x.fa'], /--genome is for scoring a file/],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr } = await runSis(args)
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })
})

describe('sis model', () => {
  it('says that a network could not be held against a runtime that fails', async () => {
    const ones = (length: number): Float32Array => new Float32Array(length).fill(0.1)
    const conv = { auto_pad: 'SAME_UPPER', dilations: [2], kernel_shape: [3] }
    writeFileSync(
      at('same.onnx'),
      modelFile({
        inputs: [{ name: 'dna', dims: ['n', 4, length] }],
        outputs: [{ name: 'score', dims: ['n', 2] }],
        tensors: [{ name: 'w', dims: [2, 4, 3], values: ones(24) }],
        nodes: [
          { op: 'Conv', inputs: ['dna', 'w'], outputs: ['a'], attributes: conv },
          { op: 'GlobalMaxPool', inputs: ['a'], outputs: ['b'] },
          { op: 'Flatten', inputs: ['b'], outputs: ['score'] },
        ],
      }),
    )
    const { code, stdout, stderr } = await runSis(['model', 'show', at('same.onnx')])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/note +.*not checked against its runtime, which fails: .*ONNX Runtime cannot/)
    expect(stdout).toContain('conv1d filters 2, kernel-size 3, padding same, dilation 2')
  })

  it('shows how a model reads, its layers and its engine', async () => {
    const { code, stdout, stderr } = await runSis([
      'model',
      'show',
      at('mine.onnx'),
      '--logos',
      at('filters.svg'),
    ])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^format +onnx\ninput +30 bases/)
    expect(stdout).toMatch(/receptive field +8 bases/)
    expect(stdout).toMatch(/engine +scanner \(/)
    expect(stdout).toMatch(/\n1 +conv1d filters 1, kernel-size 8, padding same, dilation 1 +\[30, 1\] +33\n/)
    expect(readFileSync(at('filters.svg'), 'utf8')).toContain('filter 0')
  })

  it.each([
    ['double', 11, (values: number[]) => Float64Array.from(values), 'known'],
    ['half', 10, (values: number[]) => Uint16Array.from(values, toFloat16), 'half precision'],
  ] as const)('reads models of %s precision', async (name, dataType, encode, engine) => {
    // One filter: how many bases of ACG follow each other; half of that is the score.
    const weights = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
    const raw = encode(weights)
    writeFileSync(
      at(`${name}.onnx`),
      modelFile({
        inputs: [{ name: 'dna', dims: ['n', 4, 3], dataType }],
        outputs: [{ name: 'score', dims: ['n', 1], dataType }],
        tensors: [
          { name: 'w', dims: [1, 4, 3], values: new Uint8Array(raw.buffer), dataType },
          { name: 'half', dims: [1, 1], values: new Uint8Array(encode([0.5]).buffer), dataType },
        ],
        nodes: [
          { op: 'Conv', inputs: ['dna', 'w'], outputs: ['a'] },
          { op: 'Flatten', inputs: ['a'], outputs: ['b'] },
          { op: 'MatMul', inputs: ['b', 'half'], outputs: ['score'] },
        ],
      }),
    )
    writeFileSync(at('three.fa'), '>all\nACG\n>two\nACT\n>none\nTTT\n')
    const { code, stdout, stderr } = await runSis(['predict', at(`${name}.onnx`), at('three.fa')])
    expect(code, stderr).toBe(0)
    expect(stdout.split('\n').slice(1)).toEqual(['all\t1.5', 'two\t1', 'none\t0', ''])
    const shown = await runSis(['model', 'show', at(`${name}.onnx`)])
    if (engine === 'known') expect(shown.stdout).toContain('conv1d filters 1')
    else expect(shown.stdout).toContain(engine)
  })

  it('shows of a black box what is known', async () => {
    const { code, stdout, stderr } = await runSis(['model', 'show', at('box.onnx')])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/input +30 bases, 'sequence' \[n, 4, 30\], NCW, channels ACGT/)
    expect(stdout).toMatch(/engine +naive \(.*ThresholdedRelu/)
  })

  it.each([
    ['onnx', 'out.onnx', 'out.onnx'],
    ['keras', 'out.h5', 'out.h5'],
    ['tfjs', 'out', 'out/model.json'],
  ])('exports to %s what reads back with the same scores', async (to, out, file) => {
    const exported = await runSis(['model', 'export', at('mine.onnx'), '--to', to, '--out', at(out)])
    expect(exported.code, exported.stderr).toBe(0)
    const scores = await Promise.all(
      [at('mine.onnx'), at(file)].map((path) => runSis(['predict', path, at('some.fa')])),
    )
    const tables = scores.map(({ stdout }) => stdout.split('\n').slice(1).join('\n'))
    expect(tables[1]).toBe(tables[0])
    expect(tables[0]).toMatch(/^one\t/)
  })

  it.each([
    [
      ['model', 'export', at('box.onnx'), '--to', 'keras', '--out', at('no.h5')],
      /cannot be exported: .*ThresholdedRelu/,
    ],
    [['model', 'export', at('mine.onnx')], /needs --to onnx, keras or tfjs, and --out/],
    [['model', 'show', at('mine.onnx'), '--to', 'onnx'], /--to is not for sis model show/],
    [['model', 'show', at('box.onnx'), '--logos', at('no.svg')], /the layers of .*box\.onnx are not known/],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr } = await runSis(args)
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })
})
