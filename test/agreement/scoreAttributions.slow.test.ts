/** Attributions from scores alone are those of lime, shap and tangermeme; skipped where Python lacks them (see python.ts). */
import { expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { openExplainedNumber } from '../../src/explain/explainedNumber.ts'
import { fitLime, limeInputs } from '../../src/explain/lime.ts'
import type { Attribution, ExplanationMethod } from '../../src/explain/method.ts'
import { mutagenesis } from '../../src/explain/mutagenesis.ts'
import { shapleyExact } from '../../src/explain/shapleyExact.ts'
import { shapleyKernel } from '../../src/explain/shapleyKernel.ts'
import { shapleyPermutation } from '../../src/explain/shapleyPermutation.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import { masked, uniformBackground } from '../../src/sequence/alphabet.ts'
import { oneHot } from '../../src/sequence/encoding.ts'
import { basesOf, contextOf } from '../explain/knownModels.ts'
import { randomNetwork } from '../model/randomNetworks.ts'
import { describeAgainst, runPython } from './python.ts'

const length = 24
const layers: LayerSpec[] = [
  { kind: 'conv1d', filters: 16, kernelSize: 6, padding: 'same', dilation: 1 },
  { kind: 'activation', function: 'relu' },
  { kind: 'globalMaxPool' },
  { kind: 'dense', units: 8 },
  { kind: 'activation', function: 'relu' },
  { kind: 'dense', units: 1 },
  { kind: 'activation', function: 'sigmoid' },
]
const network = randomNetwork(layers, length, 5)
const settings = { background: uniformBackground, device: 'cpu', threads: 1 } as const
const openNumber = () => openExplainedNumber({ kind: 'network', network }, 0, settings)

async function explain(
  method: ExplanationMethod,
  sequences: readonly Uint8Array[],
  chosen: Parameters<typeof contextOf>[1] = {},
): Promise<Attribution[]> {
  const number = await openNumber()
  try {
    const ready = await method.open(contextOf(number.predictor, chosen, { numberOf: number.numberOf }))
    try {
      return await ready.explain(sequences.map((codes, i) => ({ name: `${i}`, codes })))
    } finally {
      await ready.close()
    }
  } finally {
    await number.predictor.close()
  }
}

/** Numbers of one sequence where the features of each row are present: [2^features], bit i standing for feature i. */
async function numbersOfSets(codes: Uint8Array, features: number, window: number): Promise<number[]> {
  const rows = 2 ** features
  const cells = new Uint8Array(rows * length)
  for (let row = 0; row < rows; row++) {
    cells.set(
      codes.map((code, at) => ((row >> Math.floor(at / window)) & 1 ? code : masked)),
      row * length,
    )
  }
  const { predictor } = await openNumber()
  try {
    return [...(await predictor.predict(cells, rows))]
  } finally {
    await predictor.close()
  }
}

describeAgainst('lime', 'LIME against lime', () => {
  it('gives the same weights for the same masked inputs', async () => {
    const { predictor } = await openNumber()
    const cases = await Promise.all(
      [1, 2, 3].map(async (seed) => {
        const codes = basesOf(length, seed)
        const present = limeInputs(length, 300, new Random(seed, 'agreement'))
        const cells = present.map((isPresent, i) => (isPresent ? codes[i % length]! : masked))
        return { present, numbers: await predictor.predict(cells, 300) }
      }),
    )
    await predictor.close()
    const input = cases.map(({ present, numbers }) => ({ present: [...present], numbers: [...numbers] }))
    const answers = (await runPython(limeProgram, { length, cases: input })) as {
      weights: number[]
      fidelity: number
      kept: number[]
    }[]
    expect(answers).toHaveLength(3)
    for (const [i, { present, numbers }] of cases.entries()) {
      const found = fitLime(present, numbers, length)
      const scale = Math.max(...answers[i]!.weights.map(Math.abs))
      expect(scale).toBeGreaterThan(0.01)
      for (const [at, weight] of found.weights.entries()) {
        expect(Math.abs(weight - answers[i]!.weights[at]!) / scale).toBeLessThan(1e-6)
      }
      expect(found.fidelity).toBeCloseTo(answers[i]!.fidelity, 8)
    }
    // How many features LimeTextExplainer keeps in 4,000 inputs, and we.
    const ours = new Float64Array(length + 1)
    const drawn = limeInputs(length, 4000, new Random(7, 'agreement'))
    for (let row = 0; row < 4000; row++) {
      ours[drawn.subarray(row * length, (row + 1) * length).reduce((sum, value) => sum + value, 0)]!++
    }
    let squares = 0
    for (const [kept, times] of answers[0]!.kept.entries()) {
      squares += (times - ours[kept]!) ** 2 / Math.max(1, times + ours[kept]!)
    }
    // χ² with 24 degrees of freedom: its 99.9 % quantile.
    expect(squares).toBeLessThan(51.2)
  }, 120_000)
})

const limeProgram = `
import json, sys
import numpy as np, sklearn.metrics
from lime.lime_base import LimeBase
from lime.lime_text import LimeTextExplainer, IndexedString
request = json.load(sys.stdin)
length = request['length']
text = LimeTextExplainer(random_state=1)
words = IndexedString(' '.join(f'w{i}' for i in range(length)), bow=False)
kept = np.zeros(length + 1, int)
asked = lambda texts: np.zeros((len(texts), 2))
data, _, _ = text._LimeTextExplainer__data_labels_distances(words, asked, 4000)
for row in data.astype(int):
    kept[row.sum()] += 1
answers = []
for case in request['cases']:
    data = np.array(case['present'], float).reshape(-1, length)
    numbers = np.array(case['numbers'])[:, None]
    distances = sklearn.metrics.pairwise_distances(data, data[:1], metric='cosine').ravel() * 100
    kernel = lambda d: np.sqrt(np.exp(-(d ** 2) / 25 ** 2))
    base = LimeBase(kernel, random_state=1)
    _, weights, fidelity, _ = base.explain_instance_with_data(
        data, numbers, distances, 0, length, feature_selection='none')
    ordered = [value for _, value in sorted(weights)]
    answers.append({'weights': ordered, 'fidelity': fidelity, 'kept': kept.tolist()})
json.dump(answers, sys.stdout)
`

describeAgainst('shap', 'Shapley values against shap', () => {
  it('are the same by ExactExplainer and KernelExplainer, and within errors of PermutationExplainer', async () => {
    const [features, window] = [8, 3]
    const sequences = [1, 2, 3].map((seed) => basesOf(length, seed))
    const tables = await Promise.all(sequences.map((codes) => numbersOfSets(codes, features, window)))
    const answers = (await runPython(shapProgram, { features, tables })) as {
      exact: number[]
      kernel: number[]
      permutation: number[][]
    }[]
    expect(answers).toHaveLength(3)
    const exact = await explain(shapleyExact, sequences, { window })
    const kernel = await explain(shapleyKernel, sequences, { window })
    const permutation = await explain(shapleyPermutation, sequences, { window, samples: 320 })
    const drawn = await explain(shapleyKernel, sequences, { window, samples: 200 })
    for (const [i, answer] of answers.entries()) {
      const scale = Math.max(...answer.exact.map(Math.abs))
      let squares = 0
      for (let feature = 0; feature < features; feature++) {
        // A window's value is shared among its bases.
        const of = ({ importance }: Attribution) => importance[feature * window]! * window
        expect(Math.abs(of(exact[i]!) - answer.exact[feature]!) / scale).toBeLessThan(1e-4)
        expect(Math.abs(of(kernel[i]!) - answer.kernel[feature]!) / scale).toBeLessThan(1e-4)
        const theirs = answer.permutation.map((values) => values[feature]!)
        const mean = theirs.reduce((sum, value) => sum + value, 0) / theirs.length
        const variance =
          theirs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (theirs.length - 1) / theirs.length
        for (const sampled of [permutation[i]!, drawn[i]!]) {
          const own = sampled.standardErrors![feature * window]! * window
          squares += (of(sampled) - mean) ** 2 / (own ** 2 + variance + (1e-6 * scale) ** 2)
        }
      }
      // Of 16 differences in standard errors: the mean square is 1, within what two of its own errors allow.
      expect(squares / (2 * features)).toBeLessThan(1 + 2 * Math.sqrt(2 / (2 * features)))
    }
  }, 240_000)
})

const shapProgram = `
import json, sys, warnings
warnings.simplefilter('ignore')
import numpy as np, shap
request = json.load(sys.stdin)
M = request['features']
answers = []
for table in request['tables']:
    table = np.array(table)
    model = lambda masks: table[(np.asarray(masks) > 0.5).astype(int) @ (1 << np.arange(M))]
    masker = shap.maskers.Independent(np.zeros((1, M)))
    x = np.ones((1, M))
    exact = shap.explainers.ExactExplainer(model, masker)(x).values[0]
    kernel = shap.KernelExplainer(model, np.zeros((1, M))).shap_values(x, nsamples=10000, silent=True)[0]
    permutation = []
    for seed in range(8):
        explainer = shap.explainers.PermutationExplainer(model, masker, seed=seed)
        permutation.append(explainer(x, max_evals=(2 * M + 1) * 4, silent=True).values[0].tolist())
    answers.append({'exact': exact.tolist(), 'kernel': np.ravel(kernel).tolist(), 'permutation': permutation})
json.dump(answers, sys.stdout)
`

describeAgainst('tangermeme', 'mutagenesis against tangermeme', () => {
  it('is saturation_mutagenesis', async () => {
    const sequences = [1, 2, 3].map((seed) => basesOf(length, seed))
    const [conv, , , first, , last] = network.layers
    if (conv?.kind !== 'conv1d' || first?.kind !== 'dense' || last?.kind !== 'dense')
      throw new Error('other layers')
    const numbers = [conv, first, last].flatMap(({ kernel, bias }) => [[...kernel], [...bias]])
    const x = sequences.map((codes) => [...oneHot(codes, length, 'NCW', uniformBackground)])
    const answers = (await runPython(tangermemeProgram, { length, numbers, x })) as number[][]
    expect(answers).toHaveLength(3)
    const found = await explain(mutagenesis, sequences)
    for (const [i, answer] of answers.entries()) {
      const scale = Math.max(...answer.map(Math.abs))
      expect(scale).toBeGreaterThan(0.01)
      const { contributions, importance } = found[i]!
      for (let at = 0; at < length; at++) {
        for (let base = 0; base < 4; base++) {
          const theirs = answer[base * length + at]!
          expect(Math.abs(contributions![at * 4 + base]! - theirs) / scale).toBeLessThan(1e-4)
          if (sequences[i]![at] === base)
            expect(Math.abs(importance[at]! - theirs) / scale).toBeLessThan(1e-4)
        }
      }
    }
  }, 240_000)
})

const tangermemeProgram = `
import json, sys
import torch
from tangermeme.saturation_mutagenesis import saturation_mutagenesis
request = json.load(sys.stdin)
kernel, bias, w1, b1, w2, b2 = [torch.tensor(values) for values in request['numbers']]
filters, units = len(bias), len(b1)
size = len(kernel) // (4 * filters)
kernel = kernel.reshape(size, 4, filters).permute(2, 1, 0)
class Model(torch.nn.Module):
    def forward(self, x):
        pads = ((size - 1) // 2, size - 1 - (size - 1) // 2)
        h = torch.nn.functional.conv1d(torch.nn.functional.pad(x.float(), pads), kernel, bias)
        h = torch.relu(h).amax(2) @ w1.reshape(filters, units) + b1
        return torch.relu(h) @ w2.reshape(units, 1) + b2
X = torch.tensor(request['x']).reshape(-1, 4, request['length'])
found = saturation_mutagenesis(Model(), X, hypothetical=True, device='cpu')
json.dump(found.reshape(len(X), -1).tolist(), sys.stdout)
`
