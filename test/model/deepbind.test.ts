/** Networks of DeepBind parameters against DeepBind's definition, and what is said of files that are none. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/base/errors.ts'
import { Random } from '../../src/base/random.ts'
import { readDeepbind } from '../../src/model/foreign/deepbind.ts'
import type { Network } from '../../src/model/network/network.ts'
import { readOwnOnnx } from '../../src/model/formats/ownOnnx/ownOnnxReader.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { reverseComplement } from '../../src/sequence/alphabet.ts'
import { referenceForward, referenceInput } from './referenceForward.ts'

interface Sizes {
  readonly reverse_complement: number
  readonly num_detectors: number
  readonly detector_len: number
  readonly has_avg_pooling: number
  readonly num_hidden: number
}

type Weights = Record<'detectors' | 'thresholds' | 'weights1' | 'biases1' | 'weights2' | 'biases2', number[]>

function drawWeights(sizes: Sizes, seed: number): Weights {
  const random = new Random(seed, 'deepbind')
  const draw = (count: number) =>
    Array.from({ length: count }, () => Math.round(2000 * random.uniform() - 1000) / 1000)
  const units = Math.max(sizes.num_hidden, 1)
  return {
    detectors: draw(sizes.detector_len * 4 * sizes.num_detectors),
    thresholds: draw(sizes.num_detectors),
    weights1: draw((1 + sizes.has_avg_pooling) * sizes.num_detectors * units),
    biases1: draw(units),
    weights2: draw(sizes.num_hidden),
    biases2: draw(sizes.num_hidden > 0 ? 1 : 0),
  }
}

function fileOf(sizes: Sizes, weights: Weights): string {
  const line = ([key, value]: [string, number | number[]]) => `${key} = ${String(value)}\n`
  return `# deepbind 0.1\n${[...Object.entries(sizes), ...Object.entries(weights)].map(line).join('')}`
}

/** A score as deepbind 0.11 computes it, from its description: one window after the other, N for what lies outside. */
function deepbindScore(sizes: Sizes, weights: Weights, codes: Uint8Array): number {
  const window = Math.floor(1.5 * sizes.detector_len)
  const strands = sizes.reverse_complement === 1 ? [codes, reverseComplement(codes)] : [codes]
  return Math.max(
    ...strands.flatMap((strand) => {
      if (strand.length <= window) return [windowScore(sizes, weights, [...strand])]
      return Array.from({ length: strand.length - window + 1 }, (_, from) =>
        windowScore(sizes, weights, [...strand.subarray(from, from + window)]),
      )
    }),
  )
}

function windowScore(sizes: Sizes, weights: Weights, bases: number[]): number {
  const { num_detectors: detectors, detector_len: length, num_hidden: hidden } = sizes
  const outside = Array.from({ length: length - 1 }, () => 5)
  const padded = [...outside, ...bases, ...outside]
  const pooled = Array.from({ length: detectors }, (_, d) => {
    const rectified = Array.from({ length: bases.length + length - 1 }, (_, from) => {
      let sum = weights.thresholds[d]!
      for (let tap = 0; tap < length; tap++) {
        for (let base = 0; base < 4; base++) {
          const code = padded[from + tap]!
          const share = code > 3 ? 0.25 : code === base ? 1 : 0
          sum += share * weights.detectors[d + detectors * (base + 4 * tap)]!
        }
      }
      return Math.max(sum, 0)
    })
    const average = rectified.reduce((sum, value) => sum + value, 0) / rectified.length
    return sizes.has_avg_pooling === 1 ? [Math.max(...rectified), average] : [Math.max(...rectified)]
  }).flat()
  const units = Math.max(hidden, 1)
  const first = Array.from({ length: units }, (_, u) =>
    pooled.reduce((sum, value, i) => sum + value * weights.weights1[i * units + u]!, weights.biases1[u]!),
  )
  if (units === 1) return first[0]!
  return first.reduce((sum, h, u) => sum + Math.max(h, 0) * weights.weights2[u]!, weights.biases2[0]!)
}

const typical: Sizes = {
  reverse_complement: 0,
  num_detectors: 2,
  detector_len: 3,
  has_avg_pooling: 0,
  num_hidden: 3,
}
const typicalFile = fileOf(typical, drawWeights(typical, 1))

function networkOf(text: string, length: number): Network {
  const { format, network, blackBox } = readDeepbind(text, 'model.txt', { length })
  expect([format, blackBox]).toEqual(['deepbind', undefined])
  if ('refusal' in network) throw new Error(network.refusal)
  return network
}

describe('readDeepbind', () => {
  it('makes the network that deepbind 0.11 computes, for sequences shorter and longer than its window', () => {
    fc.assert(
      fc.property(
        fc.record({
          reverse_complement: fc.nat(1),
          num_detectors: fc.integer({ min: 1, max: 3 }),
          detector_len: fc.integer({ min: 1, max: 5 }),
          has_avg_pooling: fc.nat(1),
          num_hidden: fc.nat(3),
        }),
        fc.array(fc.constantFrom(0, 1, 2, 3, 4, 5), { minLength: 1, maxLength: 14 }),
        fc.nat(1e6),
        (sizes, bases, seed) => {
          const weights = drawWeights(sizes, seed)
          const codes = Uint8Array.from(bases)
          const network = networkOf(fileOf(sizes, weights), codes.length)
          // A masked base is N to DeepBind, as long as its background is a quarter of each base.
          const [score] = referenceForward(network, referenceInput(codes, [0.25, 0.25, 0.25, 0.25]))
          expect(score).toBeCloseTo(deepbindScore(sizes, weights, codes), 5)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('makes networks that ONNX files hold whole', () => {
    for (const length of [4, 12]) {
      const network = networkOf(typicalFile, length)
      expect(readOwnOnnx(writeOnnx(network))).toEqual(network)
    }
  })

  it('puts a sigmoid or an exponential behind the score, and names it', () => {
    const options = { length: 9, transform: 'sigmoid', outputNames: ['bound'] } as const
    const { network } = readDeepbind(typicalFile, 'model.txt', options)
    expect(network).toMatchObject({ outputs: ['bound'] })
    expect((network as Network).layers.at(-1)).toEqual({ kind: 'activation', function: 'sigmoid' })
  })

  it('reads lines that end as Windows has them', () => {
    expect(networkOf(typicalFile.replaceAll('\n', '\r\n'), 9)).toEqual(networkOf(typicalFile, 9))
  })

  it.each([
    [{}, /^model\.txt: .*any length.*--length.*sequences\.length/],
    [{ length: 0 }, /^model\.txt: the length must be/],
    [{ length: 9, outputNames: ['a', 'b'] }, /one output, but 2 names/],
    [{ length: 9, transform: 'logit' as const }, /no logit/],
    [{ length: 9, alphabet: 'AGCT' }, /all read ACGT/],
    [{ length: 9, order: 'NCW' as const }, /leave alphabet, order/],
  ])('says which option is wrong: %j', (options, message) => {
    expect(() => readDeepbind(typicalFile, 'model.txt', options)).toThrow(ConfigError)
    expect(() => readDeepbind(typicalFile, 'model.txt', options)).toThrow(message)
  })
})

describe('a file that holds no DeepBind model', () => {
  const without = (key: string) => typicalFile.replace(new RegExp(`^${key} =.*\n`, 'm'), '')
  const changed = (key: string, value: string) =>
    typicalFile.replace(new RegExp(`^${key} =.*$`, 'm'), `${key} = ${value}`)

  it.each([
    ['nothing', '', /^model\.txt:1: .*does not begin with '# deepbind 0\.1'/],
    ['another version', typicalFile.replace('0.1', '0.2'), /^model\.txt:1: is of DeepBind 0\.2/],
    ['a line that is no parameter', `${typicalFile}weights3\n`, /^model\.txt:13: is no 'key = values'/],
    ['a key twice', `${typicalFile}biases2 = 1\n`, /^model\.txt:13: has the key 'biases2' again/],
    ...[
      ...['reverse_complement', 'num_detectors', 'detector_len', 'has_avg_pooling', 'num_hidden'],
      ...['detectors', 'thresholds', 'weights1', 'biases1', 'weights2', 'biases2'],
    ].map((key) => [`no ${key}`, without(key), new RegExp(`^model.txt: lacks the key '${key}'`)] as const),
    ['no detectors', changed('num_detectors', '0'), /^model\.txt:3: 'num_detectors' must be a whole number/],
    ['half a base', changed('detector_len', '3.5'), /:4: 'detector_len' must be .* not '3\.5'/],
    ['a billion detectors', changed('num_detectors', '1000000000'), /:3: 'num_detectors' .* to 4096/],
    ['a negative size', changed('num_hidden', '-1'), /:6: 'num_hidden'/],
    ['too few weights', changed('thresholds', '1'), /:8: 'thresholds' must have 2 numbers, but has only 1/],
    ['too many weights', changed('biases2', '1,2,3'), /:12: 'biases2' must have 1 numbers, but has more/],
    ['NaN', changed('thresholds', '0.5,nan'), /:8: 'thresholds' has 'nan', which is no finite number/],
    ['infinity', changed('thresholds', '0.5,1e39'), /:8: 'thresholds' has '1e39'/],
    ['a missing number', changed('thresholds', '0.5,'), /:8: 'thresholds' has ''/],
  ] as const)('%s', (_, text, message) => {
    const attempt = () => readDeepbind(text, 'model.txt', { length: 20 })
    expect(attempt).toThrow(DataError)
    expect(attempt).toThrow(message)
  })

  it('detectors too many to scan with', () => {
    const sizes: Sizes = { ...typical, num_detectors: 100, detector_len: 300, num_hidden: 0 }
    const text = fileOf(sizes, drawWeights(sizes, 1))
    expect(() => readDeepbind(text, 'model.txt', { length: 451 })).toThrow(/too many to scan/)
    expect(networkOf(text, 450).layers).toHaveLength(4)
  })
})
