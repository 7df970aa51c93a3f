/** What the page says of parts, sets, pairs and positions, and where it has nothing to say. */
import { describe, expect, it } from 'vitest'
import type { LogicFacts } from '../../src/report/logicFacts.ts'
import { renderReport } from '../../src/report/page.ts'
import type { ModelFacts, ReportData } from '../../src/report/reportData.ts'
import { samplePair } from './sampleLogic.ts'
import { sampleReport } from './sampleReport.ts'
import { parseStrictly } from './wellFormed.ts'

const sample = sampleReport()
const [cnn, fc] = sample.models as [ModelFacts, ModelFacts]
const motifs = cnn.clustering!.motifs

/** The markup of one section. */
function sectionOf(data: ReportData, id: string): string {
  const page = renderReport(data)
  parseStrictly(page)
  return new RegExp(`<section id="${id}".*?</section>`, 's').exec(page)![0]
}

/** Its text, on one line. */
function textOf(data: ReportData, id: string): string {
  return sectionOf(data, id)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,;)])/g, '$1')
}

function withLogic(change: Partial<LogicFacts>): ReportData {
  return { ...sample, models: [{ ...cnn, logic: { ...cnn.logic!, ...change } }, fc] }
}

describe('the summary', () => {
  it('begins with the sentence of each model', () => {
    const text = textOf(sample, 'summary')
    const [first, second] = [cnn, fc].map(({ logic }) => text.indexOf(logic!.summary))
    expect(first).toBeGreaterThan(0)
    expect(second).toBeGreaterThan(first!)
    expect(text.indexOf('largest motif')).toBeGreaterThan(second!)
  })
})

describe('motifs', () => {
  it('are told as motifs of parts, and how the parts were made', () => {
    const text = textOf(sample, 'motifs')
    expect(text).toContain(
      '1,225 parts of SIS: 1,074 in 3 motifs (dbscan), 61 (5 %) in none, 90 (7.3 %) single bases.',
    )
    expect(text).toContain(
      'More than 4 masked bases between neighbours begin a new part: learnt from the gaps between kept bases, of which an estimated 83 % lie within parts.',
    )
    expect(text).toContain('50 % of the SIS of cnn have it: 412 SIS of 412 sequences')
    expect(text).toContain('Parts 412, 34 % of all')
    expect(text).toContain('Stability 0.93 of 1, over resamples of the parts')
    expect(text).toContain(
      '3 clusters that are the same within noise; 31 parts were in no cluster but on a site of it',
    )
    expect(text).toContain('a palindrome: its strand says nothing')
    expect(text).toContain('scores 0.8100 (median); 300 of 412 parts keep the decision')
    expect(text).toContain('Parts say little of this model: its position profile says what it needs.')
  })

  it('say where the gap was asked for, or is of one kind', () => {
    const asked = { ...sample, run: { ...sample.run, partGap: 4 } }
    expect(textOf(asked, 'motifs')).toContain(
      '4 masked bases between neighbours begin a new part, as was asked for.',
    )
    expect(textOf(withLogic({ partGapWithin: 1, partGap: 1 }), 'motifs')).toContain(
      'More than 1 masked base between neighbours begins a new part: the gaps between kept bases are of one kind.',
    )
  })
})

describe('the logic of parts', () => {
  const text = textOf(sample, 'logic')

  it('says what SIS cannot see', () => {
    expect(text).toContain('What SIS cannot see: NOT.')
  })

  it('tells sets with their shares: AND', () => {
    expect(text).toContain('CTCF 412 50 % 401 300')
    expect(text).toContain('CTCF AND USF1 250 30 % 241 249')
    expect(text).toContain('2 × USF1 60 7.3 % 58 60')
    expect(text).toContain('no part in a motif 35 4.2 % 33 0')
    // Of 12 sets four are shown, with 757 of 825 SIS.
    expect(text).toContain('8 rarer sets with 68 SIS are not shown.')
  })

  it('tells what stands for what: OR', () => {
    expect(text).toContain('75 of 500 explained sequences (15 %) have several disjoint SIS')
    expect(text).toContain('CTCF OR (2 × USF1) 40 8 %')
    expect(text).toContain('CTCF OR ( CTCF AND USF1) OR no part in a motif 15 3 %')
    expect(text).toContain('5 rarer combinations of 20 sequences are not shown.')
    const twice = withLogic({
      alternatives: [{ sets: [[motifs[0]!], [motifs[0]!]], sequences: 75 }],
      alternativeCount: 1,
    })
    expect(textOf(twice, 'logic')).toContain('2 SIS of CTCF 75 15 %')
  })

  it('tells how a pair lies, and what it scores', () => {
    expect(text).toContain('The most frequent of 3 pairs of motifs')
    expect(text).toContain('Most often (60 %, p = 4.0e-30) they lie so: same strand, A before B.')
    expect(text).toContain('They are −2 to 60 bases apart, median 10 (below 0 the sites overlap).')
    expect(text).toContain(
      'Preferred distances: 10 (90 of 250, 4.0 expected, p = 3.0e-80); 60 (36 of 250, 4.0 expected, p = 2.0e-22).',
    )
    expect(text).toContain('same strand, A before B 150 60 % 25 %')
    // An arrangement that never occurs has a row too.
    expect(text).toContain('opposite strands, reading towards each other 0 0 % 25 %')
    expect(text).toContain(
      'Medians: A 0.6200, B 0.4100, A + B 0.9400. Both have 0.3100 more than the better one alone',
    )
  })

  it('draws a bar a distance with pairs, marks what is preferred, and marks τ', () => {
    const section = sectionOf(sample, 'logic')
    const drawings = [...section.matchAll(/<svg\s+class="plot.*?<\/svg>/gs)].map(([drawing]) => drawing)
    const spacing = drawings.find((drawing) => drawing.includes('Spacing of CTCF and USF1'))!
    const observed = cnn.logic!.pairs[0]!.distances.filter((distance) => distance.observed > 0)
    expect(spacing.match(/<rect/g)).toHaveLength(observed.length)
    expect(spacing.match(/class="preferred"/g)).toHaveLength(2)
    expect(spacing).toContain('<title>90 pairs 10 bases apart; 4.0 expected</title>')
    expect(drawings.find((drawing) => drawing.includes('alone and together'))).toContain('τ = 0.9312')
  })

  it.each([
    [{ spacing: 'free' }, 'No distance is preferred: the spacing is free.'],
    [{ spacing: 'close', closeP: 1e-5 }, 'That is closer than by chance (p = 1.0e-5)'],
    [
      { spacing: 'periodic', periodP: 0.002 },
      'Distances repeat with the helical turn of 10.5 bases (p = 0.002).',
    ],
    [{ spacing: 'fixed' }, 'One distance has half of the pairs or more: 10 (90 of 250'],
    [{ arrangementP: 0.3 }, 'They lie in any order and orientation: none is more frequent than by chance.'],
  ] as const)('says of %j what it means', (change, told) => {
    const pair = { ...samplePair(motifs[0]!, motifs[1]!), ...change }
    expect(textOf(withLogic({ pairs: [pair] }), 'logic')).toContain(told)
  })

  it('tells two sites of one motif as that', () => {
    const pair = {
      ...samplePair(motifs[0]!, motifs[0]!),
      arrangement: 'A> <A',
      arrangements: [{ arrangement: 'A> <A', pairs: 250 }],
    }
    const own = textOf(withLogic({ pairs: [pair] }), 'logic')
    expect(own).toContain('Two sites of CTCF')
    expect(own).toContain('opposite strands, reading towards each other 250 100 % 25 %')
    expect(own).toContain('Medians: left 0.6200, right 0.4100, both 0.9400.')
  })
})

describe('a model tied to positions', () => {
  it('is shown by what it keeps where, and why', () => {
    const text = textOf(sample, 'logic')
    expect(text).toContain('Parts say little of this model: only 12 (1.5 %) of its 812 SIS have a part')
    expect(text).toContain('Half of the bases that they keep lie at 6 of 101 positions.')
    expect(text).toContain(
      'Position profile of fc, group 1 of 2: 609 SIS (75 %) that keep much the same positions',
    )
    expect(text).toContain('50 A 609 100 %')
    expect(sectionOf(sample, 'logic')).toContain('kept most: A at 50 (100\u00a0%)')
    // The second group keeps a T at 20 in 102 of 203.
    expect(text).toContain('20 T 102 50 %')
  })

  it('has several positions a column where the sequence is long', () => {
    const profile = Array.from({ length: 1000 }, (_, i) => [i === 997 ? 5 : 0, 0, 0, 0])
    const logic = { ...fc.logic!, sis: 10, positionClusters: [{ sis: 10, share: 1, profile }] }
    const data = { ...sample, models: [cnn, { ...fc, logic }] }
    expect(textOf(data, 'logic')).toContain('Each column is the most of 3 positions.')
    const drawing = /<svg\s+class="plot heat.*?<\/svg>/s.exec(sectionOf(data, 'logic'))![0]
    // 334 columns over 818 pixels: position 997 is in column 332.
    expect(drawing).toContain(`d="M${Math.round((50 + (332 * 818) / 334) * 10) / 10} `)
  })
})

describe('where there is nothing to tell', () => {
  it('names the command that is missing', () => {
    const clustered = { ...sample, models: sample.models.map((model) => ({ ...model, logic: undefined })) }
    expect(textOf(clustered, 'logic')).toContain('not worked out yet: sis logic DIR does that.')
    expect(textOf(clustered, 'motifs')).not.toContain('begin a new part')
    const bare = {
      ...clustered,
      models: clustered.models.map((model) => ({ ...model, clustering: undefined })),
    }
    expect(textOf(bare, 'logic')).toContain('sis cluster DIR does that, then sis logic DIR.')
  })

  it('says so of SIS without pairs, alternatives or motifs', () => {
    const text = textOf(
      withLogic({ pairs: [], pairCount: 0, alternatives: [], alternativeCount: 0, severalSis: 0 }),
      'logic',
    )
    expect(text).toContain('No sequence has several SIS')
    expect(text).toContain('No SIS has two parts in motifs')
    const models = [{ ...cnn, clustering: { ...cnn.clustering!, motifs: [], noise: 1135 } }, fc]
    expect(textOf({ ...sample, models }, 'motifs')).toContain(
      'None of the 1,225 parts of SIS has enough similar ones to form a motif; 90 are single bases.',
    )
  })
})

describe('examples', () => {
  it('colour parts by motif, grey where they are in none, and list them', () => {
    const section = sectionOf(sample, 'examples')
    const ofCnn = section.slice(0, section.indexOf('</i>fc'))
    const classes = [...ofCnn.matchAll(/<b class="([^"]*)">[ACGT]<\/b>/g)].map(([, style]) => style!)
    const wanted = cnn.examples.flatMap(({ subsets }) =>
      subsets.flatMap(({ parts }) =>
        parts.map(
          ({ size, motif }) =>
            [motif !== undefined ? 's0' : size === 1 ? 'single' : 'no-motif', size] as const,
        ),
      ),
    )
    for (const style of ['s0', 'single', 'no-motif']) {
      const bases = wanted.filter(([of]) => of === style).reduce((sum, [, size]) => sum + size, 0)
      expect(classes.filter((one) => one === style)).toHaveLength(bases)
    }
    expect(textOf(sample, 'examples')).toMatch(/CTCF \d+–\d+ \+ single base \d+/)
    // The other model is tied to positions: its SIS are told apart by their numbers.
    expect(section.slice(section.indexOf('</i>fc'))).toMatch(/<b class="key s1">2<\/b>/)
  })
})
