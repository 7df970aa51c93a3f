/** Runs, models, motifs and sequences as text: the words and drawings, at every width, with and without colours. */
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { lineLogo, stackedLogo } from '../../../src/motif/textLogo.ts'
import { modelText } from '../../../src/run/show/modelText.ts'
import { motifText } from '../../../src/run/show/motifText.ts'
import { placeText } from '../../../src/run/show/place.ts'
import type { ShownSequence } from '../../../src/run/show/loadSequence.ts'
import { sequenceText } from '../../../src/run/show/sequenceText.ts'
import { summaryText } from '../../../src/run/show/summaryText.ts'
import { paintOf } from '../../../src/terminal/palette.ts'
import { Sheet } from '../../../src/terminal/sheet.ts'
import { textWidth } from '../../../src/terminal/textWidth.ts'
import { sampleReport } from '../../report/sampleReport.ts'

const sure = [0, 0, 1, 0]
const half = [0.5, 0, 0, 0.5]
const flat = [0.25, 0.25, 0.25, 0.25]

function written(write: (sheet: Sheet) => void, width: number, coloured = false): string {
  const sheet = new Sheet(width, paintOf(coloured))
  write(sheet)
  return sheet.text()
}

describe('a logo', () => {
  it('of one line is large where a column is sure, with bars of bits', () => {
    expect(lineLogo([sure, half, flat, [0.5, 0.1, 0.1, 0.3]])).toEqual({
      letters: 'GW·w',
      bars: '█▄ ▁',
    })
    const wide = [...Array.from({ length: 30 }, () => flat), sure, sure, flat]
    expect(lineLogo(wide, 6)).toEqual({ letters: '…··GG…', bars: '   ██ ' })
  })

  it('of several lines stacks letters as high as their bits, the most frequent on top', () => {
    expect(stackedLogo([sure, [0.75, 0, 0, 0.25], half, flat], 8)).toEqual([
      'G   ',
      'G   ',
      'G   ',
      'GA  ',
      'GAT ',
      'GAT ',
      'GAA ',
      'GTA ',
    ])
  })
})

const sequence: ShownSequence = {
  sequence: {
    sequence_id: 3,
    name: 'peak\u001b[31m 7',
    chrom: 'chr2',
    start: 1000,
    end: 1024,
    strand: '-',
    sequence: 'ACGTACGTACGTACGTACGTACGT',
    label: 1,
    labels: [1],
    split: 'test',
    parent_id: null,
  },
  planted: [{ sequence_id: 3, site: 0, motif: 'GATA1', strand: '+', start: 4, positions: [4, 5, 6] }],
  decisions: [
    {
      model: 'cnn',
      direction: '>=',
      threshold: 0.5,
      score: 0.9,
      loss: { model_id: 0, sequence_id: 3, positions: [5, 20], size: 2, score_left: 0.375, in_sis: 2 },
      sis: [
        {
          rank: 0,
          positions: [4, 5, 9],
          size: 3,
          pattern: 'AC---C',
          score_full: 0.9,
          score_sis: 0.75,
          score_residual: 0.625,
          score_masked: 0.125,
          minimal: true,
          certified: true,
          vacuous: false,
          recomputed: false,
          completions: [
            {
              model_id: 0,
              sequence_id: 3,
              rank: 0,
              fill: 'shuffled',
              completions: 100,
              held: 84,
              share: 0.84,
              share_low: 0.7532,
              share_high: 0.9057,
              held_without: 2,
              score_mean: 0.8,
              score_worst: 0.25,
            },
          ],
          contexts: {
            model_id: 0,
            sequence_id: 3,
            rank: 0,
            worst: 'ACGT',
            score_worst: 0.25,
            refuted: true,
            score_bound: 0.125,
            proved: false,
          },
          parts: [
            {
              first: 4,
              last: 5,
              size: 2,
              strand: '+',
              motif: { motifId: 0, name: 'cnn_1', label: 'GATA1', order: 0 },
            },
            { first: 9, last: 9, size: 1, strand: null, motif: undefined },
          ],
        },
        {
          rank: 1,
          positions: [20, 21],
          size: 2,
          pattern: 'AC',
          score_full: 0.9,
          score_sis: 0.5,
          score_residual: 0.25,
          score_masked: 0.125,
          minimal: true,
          certified: false,
          vacuous: false,
          recomputed: true,
          completions: [],
          contexts: undefined,
          parts: [{ first: 20, last: 21, size: 2, strand: '-', motif: undefined }],
        },
      ],
    },
    { model: 'fc', direction: '<=', threshold: 0.25, score: null, loss: undefined, sis: [] },
  ],
}

it('a sequence shows its kept bases, their motifs and ranks, and each SIS with its certificate', () => {
  expect(
    written((sheet) => {
      sequenceText(sheet, sequence)
    }, 30),
  ).toBe(`peak [31m 7
length   24 bases
split    test
label    1
genome   chr2:1,001-1,024 (-)
planted  GATA1 (+) at 5-7

cnn
f(x) = 0.9000 ≥ τ = 0.5000: 2
SIS
 1  acgtACgtaCgtacgtacgt
        AA   *
        00   0
        ===
21  ACgt
    **
    11
A GATA1 (cnn_1); * in no
motif; 0 1 … rank of the SIS;
= planted

rank 0: 3 bases; f(x_S) =
  0.7500, residual 0.6250, all
  masked 0.1250; certified,
  1-minimal
  AC---C
  in real contexts: shuffled
  84 of 100 (95 % 0.75 to
  0.91); one is known that
  ends the decision (score
  0.2500)
  parts: 5-6 GATA1 (cnn_1)
  (+); 10 a single base

rank 1: 2 bases; f(x_S) =
  0.5000, residual 0.2500, all
  masked 0.1250; not
  certified, 1-minimal,
  recomputed
  AC
  parts: 21-22 in no motif

masking 2 bases ends the
  decision (each time the one
  whose loss costs most): 6,
  21; 2 in an SIS, score left
  0.3750

fc
not scored, no SIS (a decision
is f ≤ 0.2500, in the splits
that were explained).
`)
})

it('a place is told on the strand that the sequence has', () => {
  expect(placeText({ chrom: 'chr1', start: 100, end: 150, strand: '+' }, 3, 10)).toBe('chr1:104-110')
  expect(placeText({ chrom: 'chr1', start: 100, end: 150, strand: '-' }, 3, 10)).toBe('chr1:141-147')
  expect(placeText({ chrom: null, start: null, end: null, strand: null }, 3, 10)).toBeUndefined()
})

it('a site of a sequence from the reverse strand has the other strand on the genome', () => {
  const motif = sampleReport().models[0]!.clustering!.motifs[0]!
  const site = {
    sequence: 's',
    model: 'cnn',
    split: 'test',
    siteStart: 3,
    siteEnd: 10,
    siteScore: 8,
    letters: 'ACGTACG',
  }
  const place = { chrom: 'chr1', start: 100, end: 150 }
  const sites = [
    { ...site, ...place, strand: '-', siteStrand: '+' },
    { ...site, ...place, strand: '-', siteStrand: '-' },
    { ...site, ...place, strand: null, siteStrand: '-' },
  ]
  const text = written((sheet) => {
    motifText(sheet, { motif, matches: [], length: 50, positions: [], sites })
  }, 120)
  expect(text.match(/chr1:\S+ \([+-]\)/g)).toEqual([
    'chr1:141-147 (-)',
    'chr1:141-147 (+)',
    'chr1:104-110 (-)',
  ])
})

describe('at 40, 80 and 120 columns', () => {
  const data = sampleReport()
  const model = data.models[0]!
  const motif = model.clustering!.motifs[0]!
  const falsePositives = [{ modelId: model.modelId, labelled: 200, negative: 3 }]
  const views: Record<string, (sheet: Sheet) => void> = {
    run: (sheet) => {
      summaryText(sheet, { path: 'runs/x', data, stale: 'sis.duckdb is old' }, falsePositives, 10)
    },
    model: (sheet) => {
      modelText(sheet, model, data.run, falsePositives, 10)
    },
    motif: (sheet) => {
      const positions = Array.from({ length: 101 }, (_, i) => i % 7)
      motifText(sheet, { motif, matches: [], length: 101, positions, sites: [] })
    },
    sequence: (sheet) => {
      sequenceText(sheet, sequence)
    },
  }

  it.each(Object.keys(views))('%s fits, and is the same text in colours', (name) => {
    for (const width of [40, 80, 120]) {
      const plain = written(views[name]!, width)
      for (const line of plain.split('\n')) expect(textWidth(line), line).toBeLessThanOrEqual(width)
      const coloured = written(views[name]!, width, true)
      expect(coloured).toContain('\u001b[')
      expect(stripVTControlCharacters(coloured)).toBe(stripVTControlCharacters(plain))
      // eslint-disable-next-line no-control-regex -- that is what must not be there
      expect(plain).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
    }
  })

  it('a run tells of its models, their false positives and its motifs', () => {
    const text = written(views['run']!, 120)
    expect(text).toContain(data.run.title)
    expect(text).toContain('out of date')
    expect(text).toContain('3 (1.5 %)'.replace(' %', '\u00a0%'))
    for (const { name, logic } of data.models) {
      expect(text).toContain(name)
      if (logic !== undefined) expect(text.replace(/\s+/g, ' ')).toContain(logic.summary.slice(0, 40))
    }
    for (const { name } of model.clustering!.motifs.slice(0, 3)) expect(text).toContain(name)
  })
})
