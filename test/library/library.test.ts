/** The library as somebody uses it who builds on it: a model's file and letters in, collections, proofs and motifs out. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import {
  certify,
  compareMotifs,
  DataError,
  decodeSequence,
  extractCollections,
  findMotifs,
  openEngine,
  openModel,
  readFasta,
  type Decision,
  type ExplainedSequence,
  type NamedSequence,
  type OpenModel,
} from '../../src/index.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { temporaryDirectory } from '../cli/runSis.ts'
import { runx1Scanner } from '../run/runx1Grammar.ts'

const length = 40
const folder = temporaryDirectory()
const fasta = join(folder, 'sequences.fa')
let model: OpenModel
let sequences: NamedSequence[]
let decision: Decision

/** What the model looks for, once in every other sequence. */
const site = 'TGTGGTTT'

beforeAll(async () => {
  const file = join(folder, 'mine.onnx')
  writeFileSync(file, writeOnnx(runx1Scanner(length)))
  const random = new Random(5, 'library')
  const text = Array.from({ length: 24 }, (_, i) => {
    const letters = decodeSequence(Uint8Array.from({ length }, () => random.below(4)))
    const at = random.below(length - site.length)
    return `>s${i}\n${i % 2 === 0 ? letters.slice(0, at) + site + letters.slice(at + site.length) : letters}\n`
  })
  writeFileSync(fasta, text.join(''))
  model = await openModel(file, { device: 'cpu', threads: 1 })
  sequences = []
  for await (const { name, sequence } of readFasta(fasta)) sequences.push({ name, sequence })
  const scores = await model.predict(sequences)
  const planted = scores.filter((_, i) => i % 2 === 0)
  decision = { output: 0, direction: '>=', threshold: Math.min(...planted) }
})
afterAll(() => model.close())

async function explain(options: Parameters<typeof extractCollections>[3] = {}): Promise<ExplainedSequence[]> {
  const explained: ExplainedSequence[] = []
  for await (const one of extractCollections(model, sequences, decision, options)) explained.push(one)
  return explained
}

describe('openModel', () => {
  it('tells what the file holds', () => {
    expect(model).toMatchObject({ length, kind: 'network', background: [0.25, 0.25, 0.25, 0.25] })
    expect(model.outputs).toHaveLength(1)
    expect(model.backend).toContain('onnxruntime-node')
  })

  it('scores letters as it scores named sequences, and names the one that does not fit', async () => {
    const named = await model.predict(sequences)
    expect(await model.predict(sequences.map(({ sequence }) => sequence))).toEqual(named)
    await expect(model.predict([sequences[0]!, { name: 'short', sequence: 'ACGT' }])).rejects.toThrow(
      new DataError(`has 4 bases where the model reads ${length}`, { sequence: 'short' }),
    )
    const wrong = { name: 'wrong', sequence: `${'A'.repeat(length - 1)}!` }
    await expect(model.predict([wrong])).rejects.toThrow(/'wrong': '!' at position 40/)
  })
})

describe('extractCollections', () => {
  it('yields every sequence in its turn, its subsets certified, the same with any engine', async () => {
    const explained = await explain()
    expect(explained.map(({ name, sequence }) => ({ name, sequence }))).toEqual(sequences)
    const subsets = explained.flatMap((one) => one.subsets)
    expect(subsets.length).toBeGreaterThanOrEqual(12)
    for (const { certificate, positions, pattern } of subsets) {
      expect(certificate.certified).toBe(true)
      expect(pattern).toHaveLength(positions.at(-1)! - positions[0]! + 1)
    }
    const engine = openEngine(model, decision, { preference: 'incremental' })
    expect(engine.name).toBe('scanner')
    const patterns = (all: readonly ExplainedSequence[]) =>
      all.map((one) => one.subsets.map(({ pattern }) => pattern))
    expect(patterns(await explain({ engine }))).toEqual(patterns(explained))
    // It stays open: whoever opened it closes it.
    expect(patterns(await explain({ engine, maxSis: 1 }))).toEqual(
      patterns(explained).map((all) => all.slice(0, 1)),
    )
    await engine.close()
    expect(patterns(await explain({ engine: 'naive' }))).toEqual(patterns(explained))
  })

  it('refuses a model that was not opened here', async () => {
    const other = { ...model }
    await expect(extractCollections(other, sequences, decision).next()).rejects.toThrow(
      'not a model that openModel opened',
    )
  })
})

describe('certify', () => {
  it('proves what was extracted, and nothing more or less', async () => {
    const one = (await explain({ maxSis: 1 })).find(({ subsets }) => subsets.length > 0)!
    const { positions, certificate } = one.subsets[0]!
    expect(await certify(model, one, positions, decision)).toEqual(certificate)
    const fewer = await certify(model, one, positions.slice(1), decision)
    expect(fewer.scoreSis).toBeLessThan(decision.threshold)
    expect(fewer.certified).toBe(false)
    const all = await certify(
      model,
      one,
      Array.from({ length }, (_, i) => i),
      decision,
    )
    expect(all).toMatchObject({ minimal: false, certified: false, scoreSis: all.scoreFull })
  })

  it.each([[[length]], [[-1]], [[3, 3]]])('refuses the positions %j', async (positions) => {
    await expect(certify(model, sequences[0]!, positions, decision)).rejects.toThrow(RangeError)
  })
})

describe('findMotifs and compareMotifs', () => {
  it('name what the model looks for', async () => {
    const motifs = findMotifs(await explain(), { minSamples: 3 })
    expect(motifs[0]!.name).toBe('motif_1')
    expect(motifs[0]!.nsites).toBe(motifs[0]!.members.length)
    const matrix = (letters: string) =>
      Array.from(letters, (letter) => Array.from('ACGT', (base) => (base === letter ? 0.97 : 0.01)))
    const known = [
      { id: 'K1', name: 'RUNX1', ppm: matrix(site) },
      { id: 'K2', name: 'other', ppm: matrix('GACCTAGC') },
    ]
    const [best] = compareMotifs(motifs, known)
    expect(best!.motif).toBe(motifs[0])
    expect(best!.matches.map(({ targetName }) => targetName)).toEqual(['RUNX1', 'other'])
  })

  it('of nothing are none', () => {
    expect(findMotifs([])).toEqual([])
  })
})
