/** The page as a whole: well-formed, self-contained, escaped, and telling what the data says, or why it has none. */
import { describe, expect, it } from 'vitest'
import { namingOf } from '../../src/motif/naming.ts'
import { headlines } from '../../src/report/headlines.ts'
import { renderReport } from '../../src/report/page.ts'
import type { ReportData } from '../../src/report/reportData.ts'
import { sampleReport } from './sampleReport.ts'
import { parseStrictly } from './wellFormed.ts'

const sample = sampleReport()

/** A run in which nothing was found. */
function emptyReport(): ReportData {
  const [model] = sample.models
  return {
    run: {
      ...sample.run,
      stages: [],
      inputs: [],
      warnings: [],
      backends: {},
      knownMotifs: undefined,
    },
    sequences: { groups: [], shortest: 0, longest: 0 },
    models: [
      {
        ...model!,
        quantile: null,
        metrics: [],
        skill: undefined,
        ranking: [],
        scores: undefined,
        history: [],
        subsets: {
          explained: 0,
          stored: 0,
          certified: 0,
          recomputed: 0,
          decidedByBackground: 0,
          perSequence: [],
          sizes: [],
        },
        clustering: undefined,
        logic: undefined,
        examples: [],
        truth: undefined,
      },
    ],
    comparison: undefined,
  }
}

/** Texts that are one of few, or letters of a sequence. */
const kinds = new Set([
  'direction',
  'method',
  'other_method',
  'selection',
  'sequence',
  'letters',
  'skill',
  'naming',
  'view',
  'spacing',
  'arrangement',
  'strand',
  'orientation',
])

/** Every other text of the sample, replaced. */
function withTexts<T>(value: T, replace: (text: string) => string): T {
  if (typeof value === 'string') return replace(value) as T
  if (Array.isArray(value)) return value.map((item: unknown) => withTexts(item, replace)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      kinds.has(key) ? inner : withTexts<unknown>(inner, replace),
    ]),
  ) as T
}

const pages: readonly (readonly [string, ReportData])[] = [
  ['a full run', sample],
  ['a run that found nothing', emptyReport()],
  ['one model', { ...sample, models: sample.models.slice(0, 1), comparison: undefined }],
  [
    'models that were not compared',
    { ...sample, comparison: { clustering: undefined, crossSufficiency: [], overlaps: [] } },
  ],
]

function withoutScript(page: string): string {
  return page.replace(/<script>[^]*?<\/script>/g, '')
}

describe.each(pages)('the page of %s', (_, data) => {
  const page = renderReport(data)
  const { elements, text } = parseStrictly(page)

  it('has unique ids, and every link within it leads somewhere', () => {
    const ids = elements.flatMap(({ attributes }) => attributes.get('id') ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    const targets = elements.flatMap(({ attributes }) => attributes.get('href') ?? [])
    expect(targets.length).toBeGreaterThan(7)
    for (const target of targets) expect(ids).toContain(target.replace(/^#/, ''))
    const labels = elements.flatMap(({ attributes }) => attributes.get('aria-labelledby') ?? [])
    for (const label of labels) expect(ids).toContain(label)
  })

  it('asks for nothing from elsewhere', () => {
    const loading = elements.filter(
      ({ tag, attributes }) =>
        /^(img|link|iframe|object|embed|image)$/.test(tag) ||
        attributes.has('src') ||
        (tag === 'use' && !attributes.get('href')!.startsWith('#')),
    )
    expect(loading).toEqual([])
    const outside = withoutScript(page)
      .replaceAll('http://www.w3.org/2000/svg', '')
      .match(/https?:|\/\/\w+\.\w|url\(|@import/g)
    expect(outside).toBeNull()
    // The script knows addresses, of links that the reader may follow; it has nothing that loads.
    expect(page).not.toMatch(
      /\bfetch\(|XMLHttpRequest|\bimport\(|WebSocket|EventSource|sendBeacon|importScripts/,
    )
  })

  it('shows no number or value that is missing', () => {
    expect(text).not.toMatch(/undefined|NaN|null|Infinity|\[object/)
    for (const { attributes } of elements) {
      for (const value of attributes.values())
        expect(value).not.toMatch(/undefined|NaN|null|Infinity|\[object/)
    }
  })

  it('has something under every heading', () => {
    const bare = [...page.matchAll(/<\/h([234])>\s*<(?:h([1-6])|\/(?:section|article))/g)].filter(
      ([, level, next]) => next === undefined || next <= level!,
    )
    expect(bare.map(({ index }) => page.slice(index - 60, index + 60))).toEqual([])
  })

  it('describes every picture', () => {
    const pictures = elements.filter(({ attributes }) => attributes.get('role') === 'img')
    const untitled = pictures.filter(({ tag, attributes }) => tag !== 'svg' && !attributes.has('aria-label'))
    expect(untitled).toEqual([])
    expect([
      ...page.matchAll(/<svg(?![^>]*(?:aria-label="[^"]|aria-hidden))[^>]*>(?!\s*<title>[^<])/g),
    ]).toEqual([])
  })
})

describe('renderReport', () => {
  it('tells the findings', () => {
    const { text } = parseStrictly(renderReport(sample))
    const flat = text.replace(/\s+/g, ' ')
    expect(flat).toContain(
      'cnn’s largest motif, CCACCAGGGGGCGC (412 of 1,225 parts), matches CTCF (MA0139.1), q = 3.1e-9.',
    )
    expect(flat).toContain('88 % of fc’s SIS are not sufficient for cnn.')
    expect(flat).toContain('1,637 SIS stored, 100 % certified')
    expect(flat).toContain('τ = 0.9312, the 0.9 quantile of the predictions of the test split')
    expect(flat).toContain('Carter, Brandon; Mueller, Jonas; Jain, Siddhartha; Gifford, David (2019)')
  })

  it('says at a model that has learnt nothing that it has, and not at the other', () => {
    const [cnn, fc] = sample.models
    const skill = { split: 'test', auroc: 0.511, low: 0.462, high: 0.559, skill: 'chance' } as const
    const page = renderReport({ ...sample, models: [cnn!, { ...fc!, skill }] })
    const { text } = parseStrictly(page)
    const banners = [...page.matchAll(/<p class="certificate wary chance">(.*?)<\/p>/gs)].map(([, body]) =>
      body!
        .replace(/<[^>]*>/g, '')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    const told =
      'fc has learnt nothing that shows (test auROC 0.511, 95 % confidence interval 0.462 to 0.559, which includes 0.5): its SIS explain decisions that are no better than chance.'
    // At the metrics and at the motifs, and once more in the summary.
    expect(banners).toEqual([told, told])
    expect(text.replace(/\s+/g, ' ').split(told)).toHaveLength(4)
    expect(headlines({ ...sample, models: [cnn!, { ...fc!, skill }] }).join('\n')).toContain(told)
    expect(renderReport(sample)).not.toContain('learnt nothing')
  })

  it('names no factor for a motif that is too vague or matches none, by its sites and not by what is kept', () => {
    const told = (change: { siteInformation?: number; information?: number; qValue?: number }): string[] => {
      const models = sample.models.map((model) => ({
        ...model,
        clustering: {
          ...model.clustering!,
          motifs: model.clustering!.motifs.map((motif) => ({
            ...motif,
            ...change,
            match: { ...motif.match!, qValue: change.qValue ?? motif.match!.qValue },
            naming: namingOf(
              change.siteInformation ?? motif.siteInformation,
              change.qValue ?? motif.match!.qValue,
            ),
          })),
        },
      }))
      const page = parseStrictly(renderReport({ ...sample, models })).text.replace(/\s+/g, ' ')
      const card = /% Known motif ?(.*?) ?Parts/.exec(page)![1]!
      return [headlines({ ...sample, models })[2]!, card]
    }
    const [named, namedCard] = told({})
    expect(named).toContain('matches CTCF (MA0139.1)')
    expect(namedCard).toContain('CTCF MA0139.1')
    // A model may need a few bases of sites that say much.
    expect(told({ information: 4.3 })[0]).toBe(named)
    const [vague, vagueCard] = told({ siteInformation: 3.3 })
    expect(vague).toContain('lies at sites that hold only 3.3 bits: too few to name a factor')
    expect(vagueCard).toContain('too vague to name; nearest CTCF')
    const [unlike, unlikeCard] = told({ qValue: 0.2 })
    expect(unlike).toContain('matches no known motif; the nearest is CTCF')
    expect(unlikeCard).toContain('none at q ≤ 0.05; nearest CTCF')
  })

  it('says why a part is missing', () => {
    const { text } = parseStrictly(renderReport(emptyReport()))
    expect(text).toContain('No known-motif file was given')
    expect(text).toContain('No sequence reached τ under any model')
  })

  it.each([
    '<script>alert(1)</script>',
    '" onload="x',
    "it's & <b>",
    '</style><!--',
    '${x}\u0000\u0001',
    ']]>',
  ])('shows %j as text wherever a user may have written it', (hostile) => {
    const plain = parseStrictly(renderReport(sample))
    const page = parseStrictly(renderReport(withTexts(sample, (text) => `${text}${hostile}`)))
    // The same elements with the same attributes as without it.
    expect(page.elements.map(({ tag }) => tag)).toEqual(plain.elements.map(({ tag }) => tag))
    expect(page.elements.map(({ attributes }) => [...attributes.keys()])).toEqual(
      plain.elements.map(({ attributes }) => [...attributes.keys()]),
    )
    // eslint-disable-next-line no-control-regex -- exactly those are replaced
    expect(page.text).toContain(`CTCF peaks, 101 bp${hostile.replace(/[\u0000\u0001]/g, '\ufffd')}`)
  })

  it('stays small with many models, motifs and long sequences', () => {
    const [model] = sample.models
    const [first] = model!.clustering!.motifs
    const [example] = model!.examples
    const models = Array.from({ length: 10 }, (_, modelId) => ({
      ...model!,
      modelId,
      name: `model${modelId}`,
      clustering: {
        ...model!.clustering!,
        motifs: Array.from({ length: 60 }, (_, i) => (i < 8 ? first! : { ...first!, card: undefined })),
      },
      examples: Array.from({ length: 7 }, () => ({ ...example!, sequence: example!.sequence.repeat(20) })),
    }))
    const page = renderReport({ ...sample, models, comparison: undefined })
    // 250 rows with logos and 80 cards are most of it.
    expect(page.length).toBeLessThan(4_000_000)
    expect(parseStrictly(page).text).toContain('masked bases')
  })

  it('draws each kept base once, under the number of its SIS', () => {
    const page = withoutScript(renderReport(sample))
    const kept = sample.models.flatMap(({ examples }) =>
      examples.flatMap(({ subsets }) => subsets.flatMap(({ positions }) => positions)),
    )
    expect(page.match(/<b class="(?:s\d|single|no-motif)">[ACGT]<\/b>/g)).toHaveLength(kept.length)
    const numbers = [...page.matchAll(/<span class="ranks">([^<]*)<\/span>/g)]
      .map((match) => match[1]!)
      .join('')
    expect(numbers.replace(/ /g, '')).toHaveLength(kept.length)
  })
})
