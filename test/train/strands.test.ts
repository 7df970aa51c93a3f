/** Training on both strands, by the network or by turned sequences, on a motif that is not its own reverse complement. */
import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { silentReporter } from '../../src/base/reporter.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import type { Strands } from '../../src/model/network/network.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import { loadTensorFlow, type TensorFlowRuntime } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { encodeSequence, reverseComplement, uniformBackground } from '../../src/sequence/alphabet.ts'
import { splitNames, type SequenceSet, type Split } from '../../src/sequence/sequenceSet.ts'
import { evaluate } from '../../src/train/evaluate.ts'
import { trainDefaults, trainNetwork } from '../../src/train/train.ts'
import { tfjsTraining } from '../../src/train/tfjsTraining.ts'
import { plantedMotifSet } from './toySet.ts'

const length = 30

/** Which strand of a row of a split carries the motif. */
type Planting = (split: Split) => 'forward' | 'reverse' | 'either'

/** Positives carry GGACTTAC, which is nothing like its reverse complement. */
function plantedSet(strandOf: Planting): SequenceSet {
  const set = plantedMotifSet(1200, length)
  const random = new Random(3, 'strands')
  const motif = encodeSequence('GGACTTAC')
  set.codes.set(set.codes.map(() => random.below(4)))
  for (let row = 0; row < set.count; row += 2) {
    const strand = strandOf(splitNames[set.splits[row]!]!)
    const forward = strand === 'either' ? random.below(2) === 0 : strand === 'forward'
    const site = forward ? motif : reverseComplement(motif)
    set.codes.set(site, row * length + random.below(length - motif.length + 1))
  }
  return set
}

let runtime: TensorFlowRuntime
beforeAll(async () => {
  runtime = await loadTensorFlow('tfjs-wasm')
})

/** @returns the auROC on the test split, measured by ONNX Runtime */
async function testAuroc(strands: Strands, set: SequenceSet, randomStrand = false): Promise<number> {
  const hidden = [{ conv1d: { filters: 8, 'kernel-size': 10, activation: 'relu' } }, 'global-max-pool']
  const first = initialiseNetwork(resolveArchitecture(hidden, 1, strands), length, ['bound'], 1)
  const options = {
    ...trainDefaults,
    name: strands,
    batchSize: 32,
    learningRate: 0.02,
    epochs: 8,
    randomStrand,
  }
  const { network } = await trainNetwork(first, set, options, tfjsTraining(runtime), silentReporter)
  const predictor = await createOnnxPredictor(network, {
    background: uniformBackground,
    threads: 1,
  })
  const { metrics } = await evaluate(predictor, set)
  await predictor.close()
  return metrics.find(({ split }) => split === 'test')!.auroc!
}

describe('a network that reads both strands', () => {
  it('learns a motif that lies on either strand', async () => {
    expect(
      await testAuroc(
        'both',
        plantedSet(() => 'either'),
      ),
    ).toBeGreaterThan(0.95)
  })

  it('learns on one strand what it finds on the other; a network of the forward strand does not', async () => {
    const otherInTest = plantedSet((split) => (split === 'test' ? 'reverse' : 'forward'))
    expect(await testAuroc('both', otherInTest)).toBeGreaterThan(0.95)
    expect(await testAuroc('forward', otherInTest)).toBeLessThan(0.6)
  })
})

describe('sequences that are read on a random strand', () => {
  const otherInTest = plantedSet((split) => (split === 'test' ? 'reverse' : 'forward'))

  it('teach a network of the forward strand what lies on the other', async () => {
    expect(await testAuroc('forward', otherInTest, true)).toBeGreaterThan(0.95)
  })

  it('are left as they are in the set', async () => {
    const before = otherInTest.codes.slice()
    await testAuroc('forward', otherInTest, true)
    expect(otherInTest.codes).toEqual(before)
  })

  it('mean nothing to a network that reads both', async () => {
    expect(await testAuroc('both', otherInTest, true)).toBe(await testAuroc('both', otherInTest, false))
  })
})
