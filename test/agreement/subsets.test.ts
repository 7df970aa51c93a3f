/**
 * The SIS of one model, whatever file it comes in, whatever runs it and whatever selects: PyTorch's ONNX file as it is, our
 * network of it, the same through a Keras file and through TensorFlow.js, and the engine.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { writeKeras } from '../../src/model/artifact/kerasExport.ts'
import { importKeras } from '../../src/model/foreign/keras/kerasImport.ts'
import type { Network } from '../../src/model/network/network.ts'
import { importOnnx } from '../../src/model/foreign/onnx/onnxImport.ts'
import { openBlackBox, openNetwork } from '../../src/predict/devices.ts'
import type { Predictor } from '../../src/predict/predictor.ts'
import { baseCount, masked, uniformBackground } from '../../src/sequence/alphabet.ts'
import { extractCollections } from '../../src/sis/extractCollections.ts'
import { sequenceInput } from '../../src/sis/sequenceInput.ts'
import { quantileThreshold } from '../../src/sis/threshold.ts'
import type { BackwardSelector } from '../../src/sis/types.ts'
import { isInstalled } from '../installed.ts'

const fixtures = join(import.meta.dirname, '../fixtures/models')
const random = new Random(4, 'agreement of subsets')
const codes = Array.from({ length: 12 }, () => Uint8Array.from({ length: 60 }, () => random.below(baseCount)))
const tolerance = 1e-5
const settings = { background: uniformBackground, batchSize: 128, threads: 1 }

interface Subset {
  readonly id: number
  readonly features: readonly number[]
  readonly score: number
}

const directory = mkdtempSync(join(tmpdir(), 'sis-test-'))
let network: Network
let onnx: Predictor
let threshold: number
let expected: Subset[]
let compared = 0

async function subsets(predictor: Predictor, selector?: BackwardSelector): Promise<Subset[]> {
  const found: Subset[] = []
  for await (const { id, collection } of extractCollections({
    inputs: codes.map((sequence, id) => ({ id, ...sequenceInput(`sequence ${id}`, sequence) })),
    predictor,
    decision: { output: 0, direction: '>=', threshold },
    selector,
    maxSis: 2,
  })) {
    for (const { features, certificate } of collection.subsets) {
      expect(certificate.certified).toBe(true)
      found.push({ id, features: [...features].sort((a, b) => a - b), score: certificate.scoreSis })
    }
  }
  return found
}

/** The same subsets, but where scores tie: those are sufficient all the same. */
async function compare(found: readonly Subset[]): Promise<void> {
  const key = ({ id, features }: Subset): string => `${id}: ${features.join(' ')}`
  const known = new Map(expected.map((subset) => [key(subset), subset.score]))
  const same = found.filter((subset) => known.has(key(subset)))
  expect(same.length).toBeGreaterThanOrEqual(0.75 * expected.length)
  for (const subset of same) {
    expect(Math.abs(subset.score - known.get(key(subset))!)).toBeLessThan(tolerance)
  }
  const kept = found.map(({ id, features }) =>
    codes[id]!.map((code, position) => (features.includes(position) ? code : masked)),
  )
  const scores = await onnx.predict(Uint8Array.from(kept.flatMap((row) => [...row])), kept.length)
  for (const score of scores) expect(score).toBeGreaterThan(threshold - tolerance)
  compared += found.length
}

async function compareWith(predictor: Predictor, selector?: BackwardSelector): Promise<void> {
  try {
    await compare(await subsets(predictor, selector))
  } finally {
    await predictor.close()
  }
}

beforeAll(async () => {
  const imported = await importOnnx(join(fixtures, 'paper.onnx'), {})
  if ('refusal' in imported.network) throw new Error(imported.network.refusal)
  network = imported.network
  onnx = await openBlackBox(imported.blackBox!, 'cpu', settings)
  const scores = await onnx.predict(Uint8Array.from(codes.flatMap((row) => [...row])), codes.length)
  threshold = quantileThreshold(scores, 0.5)
  expected = await subsets(onnx)
  expect(expected.length).toBeGreaterThan(3)
})

afterAll(async () => {
  await onnx.close()
  rmSync(directory, { recursive: true })
})

describe("SIS of PyTorch's ONNX file in ONNX Runtime are those of", () => {
  describe.each(['cpu', 'tfjs-wasm', 'tfjs-node', 'tfjs-node-gpu'] as const)('%s', (device) => {
    const absent = device.startsWith('tfjs-node') && !isInstalled(`@tensorflow/${device}`)
    it.skipIf(absent)(`our network of it${absent ? ' (skipped: not installed)' : ''}`, async () => {
      await compareWith(await openNetwork(network, device, settings))
    })
  })

  it('the engine', async () => {
    const engine = openEngine(network, {
      preference: 'incremental',
      decision: { output: 0, direction: '>=' },
      background: uniformBackground,
      threads: 1,
    })
    try {
      await compareWith(await openNetwork(network, 'cpu', settings), engine.selector)
    } finally {
      await engine.close()
    }
  })

  it('a Keras file of it, as TensorFlow.js runs it', async () => {
    const file = join(directory, 'paper.h5')
    writeFileSync(file, await writeKeras(network))
    const { blackBox } = await importKeras(file, {})
    expect(blackBox!.executable.kind).toBe('tfjs-layers')
    await compareWith(await openBlackBox(blackBox!, 'tfjs-wasm', settings))
  })

  it('something: no agreement is shown where nothing was compared', () => {
    expect(compared).toBeGreaterThanOrEqual(4 * 3)
  })
})
