/** The grammars that ship are valid and simulate what their comments promise. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { decodeSequence } from '../../src/sequence/alphabet.ts'
import { grammarSchema } from '../../src/sequence/grammar.ts'
import { consensusToPpm } from '../../src/sequence/iupac.ts'
import { simulate, type SimulatedSequence } from '../../src/sequence/simulate.ts'

const data = join(import.meta.dirname, '../../data')
const known = new Map(
  readFileSync(join(data, 'motifs/consensus.tsv'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .map(([name, , consensus]) => [name!, consensusToPpm(consensus!)]),
)
const load = (file: string) => grammarSchema.parse(parse(readFileSync(join(data, 'grammars', file), 'utf8')))
const samples = new Map<string, SimulatedSequence[]>()
function sample(file: string): SimulatedSequence[] {
  const sequences = samples.get(file) ?? [...simulate(load(file), 1, known)]
  samples.set(file, sequences)
  return sequences
}

describe('shipped grammars', () => {
  const files = readdirSync(join(data, 'grammars'), { recursive: true, encoding: 'utf8' })
  it.each(files.filter((file) => file.endsWith('.yaml')))('%s simulates as many sequences as it names', (file) => {
    const grammar = load(file)
    const sequences = sample(file)
    expect(sequences).toHaveLength(grammar.classes.reduce((sum, { count }) => sum + count, 0))
    expect(new Set(sequences.map(({ codes }) => decodeSequence(codes))).size).toBe(sequences.length)
  })

  it('demo: exactly the positives have a site, and few negatives have one by chance', () => {
    const sequences = sample('demo.yaml')
    expect(sequences.filter(({ labels, sites }) => sites.length !== labels[0])).toEqual([])
    const negatives = sequences.filter(({ labels }) => labels[0] === 0)
    const byChance = negatives.filter(({ codes }) =>
      /AGATAAG|CTTATCT|TGTGGTTT|AAACCACA/.test(decodeSequence(codes)),
    )
    expect(byChance.length / negatives.length).toBeLessThan(0.02)
  })

  it('pair-spacing: both motifs are in every sequence, so only their arrangement tells the label', () => {
    for (const { labels, sites } of sample('pair-spacing.yaml')) {
      const names = sites.map(({ motif }) => motif).sort()
      if (names.join() !== 'AP1,ETS') expect.unreachable(names.join())
      const [left, right] = sites as [SimulatedSequence['sites'][number], SimulatedSequence['sites'][number]]
      const spacing = right.start - left.start - (left.motif === 'AP1' ? 7 : 8)
      const inOrder = (left.motif === 'AP1') === (sites.find(({ motif }) => motif === 'ETS')!.strand === '+')
      expect(labels[0]).toBe(spacing <= 8 && inOrder ? 1 : 0)
    }
  })

  it('tal-gata: each task follows from the motifs planted', () => {
    for (const { labels, sites } of sample('tal-gata.yaml')) {
      const gata = sites.some(({ motif }) => motif === 'GATA1') ? 1 : 0
      const tal = sites.some(({ motif }) => motif === 'TAL1') ? 1 : 0
      expect(labels).toEqual([gata & tal, gata, tal])
    }
  })
})
