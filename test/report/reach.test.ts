/** The page and the methods tell of real contexts what was found, in words and figures; nothing where nothing was tried. */
import { describe, expect, it } from 'vitest'
import { usedCitations } from '../../src/report/citations.ts'
import { reachSentences, type ReachFacts } from '../../src/report/reachFacts.ts'
import type { ReportData } from '../../src/report/reportData.ts'
import { methodsParagraphs } from '../../src/report/sections/methods.ts'
import { reachSection } from '../../src/report/sections/reach.ts'
import { sampleReport } from './sampleReport.ts'

const histogram = Array.from({ length: 20 }, (_, bin) => (bin === 10 ? 30 : bin === 19 ? 10 : 0))
const reach: ReachFacts = {
  fills: [
    {
      fill: 'shuffled',
      completions: 100,
      share: 0.62,
      shareWithout: 0.02,
      medianShare: 0.52,
      robust: 28,
      always: 4,
      histogram,
    },
  ],
  sis: 40,
  proved: 3,
  refuted: 36,
  losses: { sequences: 38, least: 1, median: 2, most: 5, inSis: 0.9 },
}

function tried(facts: ReachFacts): ReportData {
  const sample = sampleReport()
  const [first, ...others] = sample.models
  return { ...sample, models: [{ ...first!, reach: facts }, ...others] }
}

const plain = (text: string): string => text.replace(/\u00a0/g, ' ').replace(/\s+/g, ' ')

describe('real contexts', () => {
  it('are told in sentences', () => {
    expect(reachSentences('cnn', reach).map(plain)).toEqual([
      'cnn: with real bases in the place of the mask, SIS keep the decision in 62 % of contexts of the sequence’s own other bases, shuffled (2 % without the SIS).',
      '3 of 40 SIS are proved to keep the decision in every context there is; for 36 a context is known that ends the decision.',
      'Masking 2 bases ends the decision (median of 38 sequences, 1 to 5; each time the base whose loss costs most, so fewer may do); 90 % of these bases lie in an SIS.',
    ])
    const unknown = { ...reach, proved: undefined, refuted: 40, losses: undefined }
    expect(plain(reachSentences('fc', unknown)[1]!)).toBe(
      'Of 40 SIS none can be proved for every context, since no bound is known of such a network; for each of them a context is known that ends the decision.',
    )
  })

  it('have a section with a table and a figure, where SIS were tried', () => {
    expect(reachSection(sampleReport())).toBeUndefined()
    const body = plain(reachSection(tried(reach))!.body.text)
    expect(body).toContain('28 (70 %)')
    expect(body).toContain('4 (10 %)')
    expect(body).toContain('shuffled: 30 SIS of shares 0.50 to 0.55')
    expect(body).toContain('shuffled: 10 SIS of shares 0.95 to 1.00')
  })

  it('are in the methods with what they rest on', () => {
    const text = plain(methodsParagraphs(tried(reach)).join(' '))
    expect(text).toContain(
      'Each SIS was then tried in 100 contexts of each kind (the sequence’s own other bases, shuffled), with the confidence intervals of Clopper and Pearson 1934. For networks of one convolution',
    )
    const keys = usedCitations(tried(reach)).map(({ key }) => key)
    expect(keys).toContain('clopper1934limits')
    expect(keys).toContain('zhang2018crown')
    expect(usedCitations(tried({ ...reach, proved: undefined })).map(({ key }) => key)).not.toContain(
      'zhang2018crown',
    )
  })

  it('in the place of masks are said to be there', () => {
    const sample = sampleReport()
    const filled = (fill: string): string =>
      methodsParagraphs({
        ...sample,
        run: { ...sample.run, methods: { ...sample.run.methods, fill } },
      }).join(' ')
    expect(filled('shuffled:20')).toContain(
      'A base that is not kept is replaced by real ones: the score is the mean over 20 completions (shuffles of the sequence that keep its dinucleotides',
    )
    expect(filled('shuffled:20')).not.toContain('is replaced by the background')
    expect(filled('mask')).toContain('A masked base is replaced by the background')
  })
})
