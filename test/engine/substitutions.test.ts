/** Scores of substitutions by the engines' kernels are the network's by its definition. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { createSubstitutionKernel } from '../../src/engine/substitutionKernel.js'
import { eachBase, openSubstitutionScorer } from '../../src/engine/substitutions.ts'
import { planSubstitutions } from '../../src/engine/planSubstitutions.ts'
import { loadKernelModule, memoryBase, pageBytes } from '../../src/kernels/kernelModule.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import type { Network } from '../../src/model/network/network.ts'
import { baseCount, masked, unknown, uniformBackground } from '../../src/sequence/alphabet.ts'
import { randomNetwork, randomNetworks } from '../model/randomNetworks.ts'
import { costlyExamples } from '../propertyExamples.ts'
import { referenceScorer, relativeDistance, roundingOf, tieTolerance } from './orderings.ts'

const conv = (filters: number, kernelSize: number, dilation = 1): LayerSpec => ({
  kind: 'conv1d',
  filters,
  kernelSize,
  padding: 'same',
  dilation,
})
const relu: LayerSpec = { kind: 'activation', function: 'relu' }
const sigmoid: LayerSpec = { kind: 'activation', function: 'sigmoid' }
const globalMaximum: LayerSpec = { kind: 'globalMaxPool' }
const flatten: LayerSpec = { kind: 'flatten' }
const dense = (units: number): LayerSpec => ({ kind: 'dense', units })

/** Bases, some of them unknown. */
function codesOf(length: number, seed: number): Uint8Array {
  const random = new Random(seed, 'codes')
  return Uint8Array.from({ length }, () => (random.below(8) === 0 ? unknown : random.below(baseCount)))
}

function scoresOf(network: Network, codes: Uint8Array, output = 0) {
  const planned = planSubstitutions(network, output, eachBase)
  if ('refusal' in planned) return planned
  const { name, plan, patches } = planned
  const module = loadKernelModule(plan.kernel)
  const score = createSubstitutionKernel({ module, memoryBase, pageBytes, plan, patches })
  // Twice: nothing of one sequence is left for the next.
  score(codes.map((code) => (code + 1) % baseCount))
  return { name, scores: score(codes) }
}

async function expectExact(network: Network, codes: Uint8Array, output = 0): Promise<string> {
  const found = scoresOf(network, codes, output)
  if ('refusal' in found) return 'refused'
  const options = { output, background: uniformBackground }
  const rows = new Uint8Array(codes.length * baseCount * codes.length)
  for (let row = 0; row < codes.length * baseCount; row++) {
    rows.set(codes, row * codes.length)
    rows[row * codes.length + Math.floor(row / baseCount)] = row % baseCount
  }
  const expected = await referenceScorer(network, options)(rows, codes.length * baseCount)
  for (const [row, score] of found.scores.entries()) {
    const distance = relativeDistance(score, expected[row]!)
    if (distance <= tieTolerance) continue
    const one = rows.subarray(row * codes.length, (row + 1) * codes.length)
    expect(distance, `row ${row}: ${score} for ${expected[row]!}`).toBeLessThanOrEqual(
      Math.max(tieTolerance, roundingOf(network, options, one)),
    )
  }
  return found.name
}

describe('scores of substitutions', () => {
  const scanner = [conv(20, 5), relu, globalMaximum, dense(6), relu, dense(1), sigmoid]
  it.each<[string, Network, string]>([
    ['a scanner', randomNetwork(scanner, 24, 1), 'scanner'],
    ['a scanner of both strands', randomNetwork(scanner, 24, 2, 'both'), 'scanner'],
    ['a long scanner', randomNetwork([conv(3, 4), relu, globalMaximum, dense(1)], 360, 3), 'scanner'],
    ['a dense net', randomNetwork([flatten, dense(9), relu, dense(2), sigmoid], 12, 4), 'dense'],
    [
      'a dense net of both strands',
      randomNetwork([flatten, dense(9), relu, dense(1)], 12, 5, 'both'),
      'dense',
    ],
    [
      'a deep net',
      randomNetwork([conv(8, 5), relu, conv(6, 3, 2), relu, flatten, dense(5), relu, dense(2)], 20, 6),
      'differences',
    ],
    [
      'a deep net of both strands',
      randomNetwork([conv(8, 5), relu, conv(6, 3), relu, globalMaximum, dense(2), sigmoid], 20, 7, 'both'),
      'differences',
    ],
  ])('%s', async (_, network, engine) => {
    expect(await expectExact(network, codesOf(network.inputLength, 1))).toBe(engine)
  })

  it('are those of random networks of every kind', async () => {
    const engines = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(randomNetworks, fc.integer({ min: 0, max: 1e6 }), async (network, seed) => {
        const output = seed % 2
        const engine = await expectExact(network, codesOf(network.inputLength, seed), output)
        engines.set(engine, (engines.get(engine) ?? 0) + 1)
      }),
      { numRuns: costlyExamples(60) },
    )
    expect(engines.get('differences')).toBeGreaterThan(20)
  })

  it('are the same by any number of threads, in any order', async () => {
    const network = randomNetwork(scanner, 24, 1)
    const sequences = Array.from({ length: 7 }, (_, i) => codesOf(24, i))
    const alone = sequences.map((codes) => scoresOf(network, codes))
    const scorer = openSubstitutionScorer(network, 0, eachBase, { threads: 2 })
    if ('refusal' in scorer) throw new Error(scorer.refusal)
    try {
      const found = await Promise.all(sequences.map((codes) => scorer.score(codes)))
      for (const [i, one] of alone.entries()) expect({ name: 'scanner', scores: found[i] }).toEqual(one)
      expect(() => scorer.score(new Uint8Array(24).fill(masked))).toThrow('masked base')
    } finally {
      await scorer.close()
    }
  })
})
