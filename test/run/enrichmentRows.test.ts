/** Sequences that hold a motif, counted by hand: which split, which label, which strand, and what is too short to count. */
import { describe, expect, it } from 'vitest'
import { enrichmentRows } from '../../src/run/stages/enrichmentRows.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'
import { splitNames, type SequenceSet } from '../../src/sequence/sequenceSet.ts'
import type { Row } from '../../src/store/tables.ts'

const site = 'GATTACAG'
const turned = 'CTGTAATC'
const filler = 'ACGTTGCAACGTTGCAACGT'

/** [sequence's beginning, split, labels] */
const records = [
  [site, 'test', [1, 0]],
  [turned, 'test', [1, 0]],
  [filler.slice(0, 8), 'test', [1, 1]],
  [site, 'test', [0, 1]],
  [filler.slice(0, 8), 'test', [0, 0]],
  [filler.slice(0, 8), 'test', [0, 0]],
  [filler.slice(0, 8), 'test', [0, 0]],
  [site, 'train', [0, 0]],
  [site, 'test', [NaN, NaN]],
] as const

const set: SequenceSet = {
  count: records.length,
  length: 28,
  ids: Int32Array.from(records, (_, i) => i),
  codes: Uint8Array.from(records.flatMap(([head]) => [...encodeSequence(head + filler)])),
  labels: Float32Array.from(records.flatMap(([, , labels]) => [...labels])),
  labelNames: ['a', 'b'],
  splits: Uint8Array.from(records, ([, split]) => splitNames.indexOf(split)),
}

function motif(motif_id: number, letters: string): Row<'motifs'> {
  const site_pfm = Array.from(letters, (letter) => Array.from('ACGT', (base) => (base === letter ? 50 : 0)))
  return { motif_id, nsites: 50, site_pfm } as unknown as Row<'motifs'>
}

function rowsOf(output: number, letters = site): Promise<Row<'motif_enrichment'>[]> {
  return enrichmentRows([motif(7, letters)], set, {
    splits: ['test'],
    outputOf: () => output,
    signal: new AbortController().signal,
    progress: () => undefined,
  })
}

describe('enrichmentRows', () => {
  it('counts labelled sequences of the splits with a site on either strand', async () => {
    const [row] = await rowsOf(0)
    expect(row).toMatchObject({
      motif_id: 7,
      splits: 'test',
      site_p: 1e-4,
      positives: 3,
      positives_with: 2,
      negatives: 4,
      negatives_with: 1,
    })
    // (2.5 × 3.5) / (1.5 × 1.5), and (C(3,2) C(4,1) + C(3,3)) / C(7,3)
    expect(row!.odds_ratio).toBeCloseTo(3.8889, 4)
    expect(row!.p_value).toBeCloseTo(13 / 35, 12)
  })

  it('takes the label of the output that is explained', async () => {
    const [row] = await rowsOf(1)
    expect(row).toMatchObject({ positives: 2, positives_with: 1, negatives: 5, negatives_with: 2 })
  })

  it('says of a short motif what its best site is worth, and nothing of one shorter still', async () => {
    const [row] = await rowsOf(0, 'GATTAC')
    expect(row!.site_p).toBeGreaterThan(1e-4)
    expect(row!.site_p).toBeLessThan(1e-3)
    expect(row!.positives_with).toBe(2)
    expect(await rowsOf(0, 'GAT')).toEqual([])
  })
})
