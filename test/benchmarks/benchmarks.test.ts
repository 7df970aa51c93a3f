/** What figures rest on: medians, the masked inputs that the baseline scores, and the judgement of an ordering. */
import { describe, expect, it } from 'vitest'
import { compareOrdering } from '../../benchmarks/agreement.ts'
import { maskedRows, sampleSteps, selectionRows } from '../../benchmarks/baseline.ts'
import { fittedExponent, interleave, speedUp, spreadOf } from '../../benchmarks/harness.ts'
import { logLogChart, sideBySide } from '../../benchmarks/logLogChart.ts'
import { toMarkdown, type Results } from '../../benchmarks/results.ts'
import { chooseWorkload, selectionTasks } from '../../benchmarks/selections.ts'
import { randomSequence } from '../../benchmarks/sequences.ts'
import type { Predictor } from '../../src/predict/predictor.ts'
import { masked } from '../../src/sequence/alphabet.ts'
import { createReferenceSelector } from '../../src/sis/backwardSelect.ts'
import { createScoreQueue } from '../../src/sis/queue/scoreQueue.ts'
import { sequenceInput } from '../../src/sis/sequenceInput.ts'
import type { BackwardSelector } from '../../src/sis/types.ts'

const codes = Uint8Array.of(0, 3, 2, 1, 0, 2)
const length = codes.length
const present = Uint8Array.of(1, 1, 0, 1, 1, 1)

/** Adds a weight for each base that is not masked; keeps the rows that it scored. */
function linearPredictor(weights: readonly number[]): Predictor & { readonly scored: number[][] } {
  const scored: number[][] = []
  return {
    scored,
    width: length,
    outputs: ['score'],
    batchSize: 4,
    backend: 'sum of weights',
    predict(cells, rows) {
      const scores = new Float32Array(rows)
      for (let row = 0; row < rows; row++) {
        const bases = [...cells.subarray(row * length, (row + 1) * length)]
        scored.push(bases)
        scores[row] = bases.reduce((sum, base, i) => sum + (base === masked ? 0 : weights[i]!), 0)
      }
      return Promise.resolve(scores)
    },
    close: () => Promise.resolve(),
  }
}

async function referenceOrdering(predictor: Predictor) {
  const queue = createScoreQueue({ predictor, output: 0 })
  queue.enter()
  const input = sequenceInput('toy', codes)
  return createReferenceSelector(queue, '>=').select(input, present)
}

describe('figures', () => {
  it('medians of odd and even numbers of rounds', () => {
    expect(spreadOf([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 })
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 })
    expect(() => spreadOf([])).toThrow(RangeError)
  })

  it('a speed-up is of medians, its spread of rounds', () => {
    const baseline = { name: 'a', secondsPerUnit: [10, 20, 30], units: 1 }
    const faster = { name: 'b', secondsPerUnit: [1, 4, 2], units: 1 }
    expect(speedUp(baseline, faster)).toEqual({ median: 10, min: 5, max: 15 })
  })

  it('every round turns the order round', async () => {
    const ran: string[] = []
    const measure = (name: string, units: number) => ({
      name,
      run: () => {
        ran.push(name)
        return Promise.resolve(units)
      },
    })
    const timings = await interleave([measure('a', 1), measure('b', 0.5)], 3)
    expect(ran.join('')).toBe('abbaab')
    expect(timings.map(({ name, units }) => [name, units])).toEqual([
      ['a', 1],
      ['b', 0.5],
    ])
    expect(timings.every(({ secondsPerUnit }) => secondsPerUnit.length === 3)).toBe(true)
  })

  it('an exponent is the slope of the logarithms', () => {
    expect(fittedExponent([50, 100, 400].map((x) => ({ x, y: 3 * x ** 1.7 })))).toBeCloseTo(1.7, 10)
  })
})

describe('the masked inputs of the baseline', () => {
  it('are those of the reference selector, in its order', async () => {
    const predictor = linearPredictor([3, -1, 9, 2, 2, 0.5])
    const { features } = await referenceOrdering(predictor)
    expect([...features]).toEqual([1, 5, 3, 4, 0])
    const { rows } = maskedRows({ codes, present, features }, [...features.keys()])
    expect(predictor.scored).toHaveLength(selectionRows(5))
    expect([...rows]).toEqual(predictor.scored.flat())
  })

  it('of some steps are a part of them', () => {
    const features = Int32Array.of(1, 5, 3, 4, 0)
    const { rows, candidates } = maskedRows({ codes, present, features }, [1, 3])
    expect([...candidates]).toEqual([0, 3, 4, 5, 0, 4])
    expect([...rows.subarray(length, 2 * length)]).toEqual([0, masked, masked, masked, 0, 2])
    expect([...rows.subarray(4 * length, 5 * length)]).toEqual([masked, masked, masked, masked, 0, masked])
  })

  it('steps are spread evenly and give about as many inputs as wanted', () => {
    expect(sampleSteps(5, 100)).toEqual([0, 1, 2, 3, 4])
    for (const wanted of [2000, 5000, 20_000]) {
      const rows = sampleSteps(1000, wanted).reduce((sum, step) => sum + 1000 - step, 0)
      expect(rows / wanted).toBeGreaterThan(0.7)
      expect(rows / wanted).toBeLessThan(1.4)
    }
  })
})

describe('the workload of an engine', () => {
  const source = { count: Infinity, at: (index: number) => randomSequence(60, 1, index) }
  const inOrder: BackwardSelector = {
    scoredBy: 'engine',
    select(_, mayBeMasked) {
      const features = Int32Array.from(mayBeMasked.keys()).filter((i) => mayBeMasked[i] === 1)
      return Promise.resolve({ features, scores: new Float32Array(features.length) })
    },
  }

  it('is whole selections where there is time, else the last steps of selections, never less than a thread each', async () => {
    const whole = await chooseWorkload(inOrder, source, 60, 2, { target: 0, limit: Infinity })
    expect(whole.p).toBe(60)
    const part = await chooseWorkload(inOrder, source, 60, 2, { target: 0, limit: 0 })
    expect(part.p).toBe(25)
    for (const { tasks, p } of [whole, part]) {
      expect(tasks).toHaveLength(2)
      for (const task of tasks) expect(task.present.reduce((sum, one) => sum + one, 0)).toBe(p)
    }
  })

  it('is the same every time, and begins the same however long it is', () => {
    const few = selectionTasks(source, 2, 10)
    expect(selectionTasks(source, 5, 10).slice(0, 2)).toEqual(few)
    expect(few[0]).not.toEqual(few[1])
    expect(selectionTasks({ ...source, count: 3 }, 5, 10)).toHaveLength(3)
  })
})

describe('the judgement of an ordering', () => {
  const path = { codes, present }
  const scoresAlong = (features: readonly number[], weights: readonly number[]): Float32Array => {
    let score = weights.reduce((sum, weight, i) => sum + (present[i] === 1 ? weight : 0), 0)
    return Float32Array.from(features, (feature) => (score -= weights[feature]!))
  }
  const ordering = (features: readonly number[], weights: readonly number[]) => ({
    features: Int32Array.from(features),
    scores: scoresAlong(features, weights),
  })

  it('the reference itself is identical, ties and all', async () => {
    const predictor = linearPredictor([3, -1, 9, 2, 2, 0.5])
    const result = await compareOrdering(predictor, path, await referenceOrdering(predictor))
    // Of four steps with a choice one has two that tie.
    expect(result).toEqual({ outcome: 'identical', worstGap: 0, worstScore: 0, decided: 0.75 })
  })

  it('another order of what ties is told apart from what does not', async () => {
    const weights = [3, -1, 9, 2, 2, 0.5]
    const predictor = linearPredictor(weights)
    const ties = await compareOrdering(predictor, path, ordering([1, 5, 4, 3, 0], weights))
    expect(ties).toMatchObject({ outcome: 'ties', worstGap: 0 })
    const wrong = await compareOrdering(predictor, path, ordering([1, 5, 3, 0, 4], weights))
    expect(wrong.outcome).toBe('different')
    expect(wrong.worstGap).toBeCloseTo(1 / 3, 6)
    // That step not looked at, nothing is wrong.
    const part = await compareOrdering(predictor, path, ordering([1, 5, 3, 0, 4], weights), [0, 1, 2])
    expect(part.outcome).toBe('identical')
  })

  it('a wrong score shows', async () => {
    const predictor = linearPredictor([3, -1, 9, 2, 2, 0.5])
    const { features, scores } = await referenceOrdering(predictor)
    const result = await compareOrdering(predictor, path, {
      features,
      scores: scores.map((score, i) => (i === 2 ? score * 1.01 : score)),
    })
    expect(result.worstScore).toBeCloseTo(0.01 / 1.01, 5)
  })
})

describe('what is printed', () => {
  const results: Results = {
    format: 'sis bench 1',
    date: '2026-01-02T03:04:05.000Z',
    machine: {
      processor: 'a processor',
      cores: 2,
      memoryGiB: 24,
      system: 'linux-x64 6',
      versions: { sis: '0.1.0', node: '20.0.0', 'onnxruntime-node': '1.0.0' },
      commit: 'abcdef0',
      load: 1.5,
    },
    threads: 2,
    rounds: 3,
    quick: true,
    sections: {
      one: {
        verdicts: [
          { work: 'w', measured: '400×', goal: '≥ 300×', met: true },
          { work: 'x', measured: '2×', goal: '≥ 3×', met: false },
          { work: 'y', measured: 'no engine (r)', goal: '≥ 3×', met: undefined },
        ],
        tables: [
          { title: 'T', columns: ['a', 'b', 'c'], rows: [['r', 12_345.6]], notes: ['how measured'] },
          { title: 'U', columns: ['a'], rows: [], notes: ['how measured', 'of what'] },
        ],
        data: null,
      },
    },
    seconds: 12.3,
  }

  it('is the same from the JSON file, and hides neither a missed goal nor a busy machine', () => {
    const text = toMarkdown(JSON.parse(JSON.stringify(results)) as Results)
    expect(text).toContain(
      '| w | 400× | ≥ 300× | yes |\n| x | 2× | ≥ 3× | **no** |\n| y | no engine (r) | ≥ 3× | – |',
    )
    expect(text).toContain('| r | 12,346 | – |')
    expect(text).toContain('a processor, 2 cores, 24 GiB')
    expect(text).toContain('the machine was busy (load 1.5')
    expect(text).toContain('not for the record')
    expect(text.match(/how measured/g)).toHaveLength(1)
    expect(text).toContain('of what')
  })

  it('a drawing stands alone: one line a series, ticks at round numbers', () => {
    const points = [50, 500, 5000].map((x) => ({ x, y: x * x * 1e-6 }))
    const chart = logLogChart({ x: 'length', y: 'seconds', series: [{ name: 'cost & more', points }] })
    const svg = sideBySide('title', [chart])
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/)
    expect(svg.match(/<path class="line/g)).toHaveLength(1)
    expect(svg).toContain('cost &amp; more')
    // Equal factors are equal distances.
    const [, first, second, third] = /class="line c0" d="M([\d.]+) [\d.]+L([\d.]+) [\d.]+L([\d.]+) /
      .exec(svg)!
      .map(Number)
    expect(second! - first!).toBeCloseTo(third! - second!, 0)
    for (const tick of ['100', '1000', '0.01', '0.1', '1', '10']) expect(svg).toContain(`>${tick}</text>`)
  })
})
