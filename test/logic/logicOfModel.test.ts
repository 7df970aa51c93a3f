/** What SIS with known sites make together. */
import { expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { logicOfModel, type LogicPart, type LogicSis } from '../../src/logic/logicOfModel.ts'

const random = new Random(9, 'logicOfModel.test')
const site = (motif: number, strand: '+' | '-', start: number): LogicPart => ({
  size: 5,
  site: { motif, strand, start, end: start + 6 },
})

/** Motif 0, then motif 1 eight bases behind as motif 0 reads, on either strand. */
function fixedPair(sequence: number): LogicSis {
  const start = random.below(70)
  const parts =
    random.uniform() < 0.5
      ? [site(0, '+', start), site(1, '+', start + 14)]
      : [site(1, '-', start), site(0, '-', start + 14)]
  return { sequence, parts }
}

it('reads a fixed pair off its sites', () => {
  const sis = Array.from({ length: 50 }, (_, i) => fixedPair(i))
  const { sets, pairs } = logicOfModel(sis, new Set(), 100)
  expect(sets.map(({ motifs, share }) => [motifs, share])).toEqual([[[0, 1], 1]])
  expect(pairs).toHaveLength(1)
  const [pair] = pairs
  expect(pair).toMatchObject({ motifs: [0, 1], sequences: 50, arrangement: 'A> B>', arrangementShare: 1 })
  expect(pair!.arrangementPValue / (4 * 0.25 ** 50)).toBeCloseTo(1, 9)
  expect(pair!.spacing).toMatchObject({ kind: 'fixed', median: 8 })
  for (const { sis: index, part, otherPart } of pair!.instances) {
    expect(sis[index]!.parts[part]!.site!.motif).toBe(0)
    expect(sis[index]!.parts[otherPart]!.site!.motif).toBe(1)
  }
})

it('leaves parts in no motif and single bases out of sets and pairs', () => {
  const sis: LogicSis[] = [
    { sequence: 0, parts: [{ size: 1, site: undefined }, site(0, '+', 10), { size: 3, site: undefined }] },
    { sequence: 1, parts: [site(0, '+', 10), site(0, '-', 40), site(1, '+', 60)] },
  ]
  const { sets, pairs } = logicOfModel(sis, new Set([1]), 100)
  expect(sets.map(({ motifs, complete }) => [motifs, complete])).toEqual([
    [[0], 0],
    [[0, 0, 1], 1],
  ])
  expect(pairs.map(({ motifs, instances }) => [motifs, instances.map((one) => one.arrangement)])).toEqual([
    [
      [0, 1],
      ['A> B', 'B A>'],
    ],
    [[0, 0], ['A> <A']],
  ])
})

it('finds nothing in nothing', () => {
  expect(logicOfModel([], new Set(), 100)).toMatchObject({ sets: [], pairs: [], alternatives: [] })
})

it('takes two parts on one site for one site', () => {
  const long = (start: number): LogicPart => ({
    size: 6,
    site: { motif: 0, strand: '+', start, end: start + 20 },
  })
  const sis: LogicSis[] = [
    { sequence: 0, parts: [long(10), long(10)] },
    { sequence: 1, parts: [long(10), long(12), long(50)] },
    { sequence: 2, parts: [long(10), site(1, '+', 12)] },
  ]
  const { sets, pairs } = logicOfModel(sis, new Set(), 100)
  expect(sets.map(({ motifs, complete }) => [motifs, complete])).toEqual([
    [[0], 1],
    [[0, 0], 1],
    [[0, 1], 1],
  ])
  expect(
    pairs.map(({ motifs, instances }) => [motifs, instances.map(({ part, otherPart }) => [part, otherPart])]),
  ).toEqual([
    [[0, 0], [[0, 2]]],
    [[0, 1], [[0, 1]]],
  ])
})
