/** How few masked bases end a decision: closed forms, and that an engine's ordering gives what the predictor does. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openEngine } from '../../src/engine/engine.ts'
import type { DenseLayer } from '../../src/model/network/network.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { decisionHolds, type Decision } from '../../src/sis/decision.ts'
import { decisionLoss } from '../../src/sis/decisionLoss.ts'
import { createScoreQueue } from '../../src/sis/queue/scoreQueue.ts'
import { sequenceInput } from '../../src/sis/sequenceInput.ts'
import { randomNetwork } from '../model/randomNetworks.ts'
import { Random } from '../../src/base/random.ts'
import { atLeast, atMost, sum, toyInput, toyQueue } from './toyPredictors.ts'
import '../propertySeeds.ts'

describe('the loss of a decision', () => {
  it('masks the largest terms of a sum, as few as end it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 30 }),
        async (cells, threshold) => {
          const loss = await decisionLoss(toyInput(cells), {
            scorer: toyQueue(cells.length, sum),
            decision: atLeast(threshold),
          })
          const total = cells.reduce((a, b) => a + b)
          if (total < threshold) {
            expect(loss).toBeUndefined()
            return
          }
          const largest = cells.toSorted((a, b) => b - a)
          let [left, size] = [total, 0]
          while (left >= threshold) left -= largest[size++]!
          expect(loss!.features.length).toBe(size)
          expect(loss!.score).toBe(left)
          expect([...loss!.features].map((feature) => cells[feature])).toEqual(largest.slice(0, size))
        },
      ),
      { numRuns: 50 },
    )
  })

  it('of a low-score decision masks what keeps the score low', async () => {
    const scorer = toyQueue(3, sum)
    const loss = await decisionLoss(toyInput([-5, 1, -2]), { scorer, decision: atMost(-2) })
    expect(loss).toEqual({ features: Int32Array.of(0), score: -1 })
  })

  it('is none where the decision does not hold, or holds with everything masked', async () => {
    const scorer = toyQueue(2, sum)
    expect(await decisionLoss(toyInput([1, 1]), { scorer, decision: atLeast(3) })).toBeUndefined()
    expect(await decisionLoss(toyInput([1, 1]), { scorer, decision: atLeast(0) })).toBeUndefined()
  })

  it.each(['>=', '<='] as const)('%s: an engine of the other direction gives the same', async (direction) => {
    const positive = randomNetwork(
      [
        { kind: 'conv1d', filters: 6, kernelSize: 5, padding: 'same', dilation: 1 },
        { kind: 'activation', function: 'relu' },
        { kind: 'globalMaxPool' },
        { kind: 'dense', units: 4 },
        { kind: 'activation', function: 'relu' },
        { kind: 'dense', units: 1 },
      ],
      40,
      3,
    )
    // What is masked scores low, so the low scores are made the high ones.
    const network =
      direction === '>='
        ? positive
        : { ...positive, layers: [...positive.layers, dense(Float32Array.of(-1), Float32Array.of(0))] }
    const predictor = await createOnnxPredictor(network, { threads: 1 })
    const random = new Random(1, 'inputs')
    const codes = Uint8Array.from({ length: 40 * 30 }, () => random.below(4))
    const scores = await predictor.predict(codes, 30)
    const threshold = [...scores].sort((a, b) => a - b)[15]!
    const decision: Decision = { output: 0, direction, threshold }
    const opposite = { output: 0, direction: direction === '>=' ? ('<=' as const) : ('>=' as const) }
    const engine = openEngine(network, {
      preference: 'incremental',
      decision: opposite,
      background: uniformBackground,
      threads: 1,
    })
    let compared = 0
    for (let i = 0; i < 30; i++) {
      const input = sequenceInput(`s${i}`, codes.slice(i * 40, (i + 1) * 40))
      const scorer = createScoreQueue({ predictor, output: 0 })
      const slow = await decisionLoss(input, { scorer, decision })
      const fast = await decisionLoss(input, { scorer, decision, selector: engine.selector })
      expect(fast?.features).toEqual(slow?.features)
      if (slow === undefined) continue
      compared++
      expect(decisionHolds(decision, slow.score)).toBe(false)
      expect(fast!.score).toBe(slow.score)
    }
    expect(compared).toBeGreaterThan(5)
    await engine.close()
    await predictor.close()
  })
})

function dense(kernel: Float32Array, bias: Float32Array): DenseLayer {
  return { kind: 'dense', units: bias.length, kernel, bias }
}
