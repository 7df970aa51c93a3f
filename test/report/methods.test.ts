/** The methods paragraph tells the parameters, and cites what was used and nothing else. */
import { describe, expect, it } from 'vitest'
import { bibtex, citations, usedCitations } from '../../src/report/citations.ts'
import { methodsParagraphs } from '../../src/report/sections/methods.ts'
import { explainedText } from '../../src/report/sections/subsets.ts'
import { sampleReport } from './sampleReport.ts'

const sample = sampleReport()
const keys = (data: typeof sample): string[] => usedCitations(data).map(({ key }) => key)

describe('methodsParagraphs', () => {
  const text = methodsParagraphs(sample).join('\n')

  it('says which negatives were drawn from the genome, where any were', () => {
    const { run } = sample
    const methods = { ...run.methods, genomicNegatives: 2 }
    expect(methodsParagraphs({ ...sample, run: { ...run, methods } }).join('\n')).toContain(
      'Negatives include 2 windows of the genome for each positive, of its length and GC content (within bins of 5 %), that overlap no interval',
    )
    expect(text).not.toContain('of the genome for each positive')
  })

  it.each([
    'We analysed 19,544 sequences of 101 bp',
    '14,381 training, 1,789 validation and 3,374 test sequences',
    'split by chromosome (test: chr1, chr8)',
    'Negatives include 1 shuffle of each positive that keep its dinucleotides (Altschul and Erickson 1985)',
    'We trained cnn (conv1d 128×24 → max → dense 32 → 1) for at most 20 epochs with Adam (learning rate 0.001, batches of 128; seed 1',
    'fc (dense 512 → 1) was trained elsewhere',
    'Test auROC: cnn 0.964 and fc 0.724.',
    'cnn: bound ≥ τ, τ = 0.9312, the 0.9 quantile of the predictions of the test split',
    'with sis 0.3.0',
    'background (A, C, G, T: 0.2500, 0.2500, 0.2500, 0.2500)',
    'at most 10 disjoint SIS a sequence',
    'DBSCAN (Ester et al. 1996) (cnn: eps = 3, minSamples = 6; a part and its reverse complement are one',
    'compared with JASPAR2022_vertebrates.pfm (Castro-Mondragon et al. 2022)',
    'sites at p ≤ 1e−4; Staden 1989',
  ])('says: %s', (words) => {
    expect(text).toContain(words)
  })
})

describe('usedCitations', () => {
  it('are of what the run used', () => {
    expect(keys(sample)).toEqual([
      'carter2019sis',
      'altschul1985shuffle',
      'ester1996dbscan',
      'gupta2007tomtom',
      'tanaka2011scores',
      'castro2022jaspar',
      'benjamini1995fdr',
      'staden1989probabilities',
      'fisher1922contingency',
      'schneider1990logos',
      'torgerson1952scaling',
      'onnxruntime',
      'smilkov2019tensorflowjs',
      'raasveldt2019duckdb',
    ])
    const { run } = sample
    const with2024 = {
      ...sample,
      run: { ...run, methods: { ...run.methods, knownMotifs: 'JASPAR2024_CORE.meme' } },
    }
    expect(keys(with2024)).toContain('rauluseviciute2024jaspar')
    const plain = {
      ...sample,
      models: [],
      run: {
        ...run,
        methods: {
          ...run.methods,
          shuffles: 0,
          clusterings: [],
          uses: { onnxRuntime: false, tensorFlow: false, deepBind: true },
        },
      },
    }
    expect(keys(plain)).toEqual(['carter2019sis', 'alipanahi2015deepbind', 'raasveldt2019duckdb'])
  })

  it('are BibTeX: braces balance, keys are unique, nothing is missing', () => {
    const all = Object.values(citations)
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length)
    for (const citation of all) {
      const entry = bibtex(citation)
      let depth = 0
      for (const letter of entry) {
        depth += letter === '{' ? 1 : letter === '}' ? -1 : 0
        expect(depth).toBeGreaterThanOrEqual(0)
      }
      expect(depth).toBe(0)
      expect(Object.keys(citation.fields)).toEqual(expect.arrayContaining(['author', 'title', 'year']))
    }
    expect(bibtex(citations.tomtom).split('\n')[0]).toBe('@article{gupta2007tomtom,')
  })
})

describe('explainedText', () => {
  it('tells splits, sequences, false positives and empty SIS', () => {
    expect(explainedText(sample.models[0]!)).toBe(
      'cnn: test split, 500 sequences explained of 512 that it calls and 3,374 in all; 12 of them (2.4\u00a0% of those with a label) are false positives: label 0, called positive; the SIS of 3 more sequences are empty and count nowhere.',
    )
  })

  it('says of a model at chance that it explains no knowledge', () => {
    const skill = { split: 'test', auroc: 0.5, low: 0.4, high: 0.6, skill: 'chance' } as const
    expect(explainedText({ ...sample.models[0]!, skill })).toMatch(/no better than chance/)
  })
})
