/**
 * Names that chance gives, and names that are right. Null: matrices of random windows of shuffled peaks, of which no factor
 * binds any; the share of trials with a match at q < 0.01 should be at most about 1 %. Power: matrices of true sites, the
 * best hits of a factor's known motif in its own peaks; the share of trials in which that motif matches at q < 0.01.
 * Before is Tomtom's comparison of all columns, which is slow for wide matrices and can be given fewer trials; after is
 * that of the informative columns.
 *
 *     SIS_REAL_DATA=/path/to/data npx tsx benchmarks/motifNull.ts [trials] [trials before] [seed]
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Random } from '../src/base/random.ts'
import { readFasta } from '../src/io/sequences/fasta.ts'
import { readKnownMotifs } from '../src/io/motifs/knownMotifs.ts'
import { readSequenceTable } from '../src/io/sequences/sequenceTable.ts'
import { matchMotifs, type CountedMotif } from '../src/motif/compareMotifs.ts'
import { onTheirSites } from '../src/motif/countedParts.ts'
import { columnInformation, compositionOf } from '../src/motif/informativeColumns.ts'
import { ppmOf, pwmOf, reverseComplementMatrix } from '../src/motif/motif.ts'
import type { Matrix } from '../src/sequence/matrix.ts'
import { motifSites, siteCounts, type SiteMember } from '../src/motif/sites.ts'
import type { ComparedMotif, MotifMatch } from '../src/motif/motifMatch.ts'
import { tomtom } from '../src/motif/tomtom.ts'
import { encodeSequence } from '../src/sequence/alphabet.ts'
import { dinucleotideShuffle } from '../src/sequence/dinucleotideShuffle.ts'
import { realData } from './sequences.ts'

export const nullSites = [5, 10, 26] as const
export const nullWidths = [12, 30, 90] as const
export const level = 0.01
const peakLength = 101
/** A factor's peaks with the best hits of its motif: among the weaker ones many hold no site. */
const peaksScanned = 1500
const peaksWithSites = 500

/** Known motif of each factor, as JASPAR names it. */
export const factorMotifs: Readonly<Record<string, string>> = {
  CTCF: 'CTCF',
  FOXA1: 'FOXA1',
  GABPA: 'GABPA',
  TEAD4: 'TEAD4',
  USF1: 'USF1',
  ARID3A: 'Arid3a',
  ELK1: 'ELK1',
  MYC: 'MYC',
  REST: 'REST',
  SP1: 'SP1',
  SRF: 'SRF',
  TBP: 'TBP',
  YY1: 'Yy1',
  ZBTB7A: 'ZBTB7A',
  ZNF143: 'ZNF143',
}

export const jaspar = (): Promise<ComparedMotif[]> =>
  readKnownMotifs(realData('motifs', 'JASPAR2022_vertebrates.pfm'))

/** @throws RangeError where the factor or its motif is not known */
export function motifOf(factor: string, known: readonly ComparedMotif[]): ComparedMotif {
  const motif = known.find(({ name }) => name === factorMotifs[factor])
  if (motif === undefined) throw new RangeError(`no known motif of ${factor}`)
  return motif
}

/** Peaks of 101 bp by factor: CTCF's, and the training peaks of chipseq-101bp and chipseq-101bp-more. */
export async function peaksByFactor(): Promise<Map<string, Uint8Array[]>> {
  const peaks = new Map<string, Uint8Array[]>()
  const ctcf: Uint8Array[] = []
  for await (const { name, sequence } of readFasta(realData('ctcf-labelled-101bp', 'test.fa'))) {
    if (!name.includes('_shuf')) ctcf.push(encodeSequence(sequence))
  }
  peaks.set('CTCF', ctcf)
  for (const folder of ['chipseq-101bp', 'chipseq-101bp-more']) {
    for (const file of readdirSync(realData(folder)).sort()) {
      if (!file.includes('_AC.')) continue
      const codes: Uint8Array[] = []
      for await (const { sequence } of readSequenceTable(join(realData(folder), file))) {
        if (sequence.length === peakLength) codes.push(encodeSequence(sequence))
      }
      peaks.set(file.split('_')[0]!, codes)
    }
  }
  return peaks
}

/** A window at a random place of each of `sites` shuffled peaks, counted as a motif's parts are. */
export function nullMotif(
  peaks: readonly Uint8Array[],
  sites: number,
  width: number,
  random: Random,
): CountedMotif {
  const shuffles = Array.from({ length: sites }, () =>
    dinucleotideShuffle(peaks[random.below(peaks.length)]!, random),
  )
  const members = shuffles.map((codes): SiteMember => {
    const first = random.below(codes.length - width + 1)
    return { codes, first, last: first + width - 1, strand: '+', motifOffset: 0 }
  })
  const composition = compositionOf(shuffles)
  const counted = onTheirSites(members, width, composition)
  const counts = siteCounts(counted, width, 0)
  const informative = columnInformation(counts, composition).map((column) => column.informative)
  return { id: 'null', name: 'null', counts, nsites: counted.length, informative }
}

/** All columns count, as in Tomtom. */
export function matchAllColumns(
  { id, name, counts, nsites }: CountedMotif,
  known: readonly ComparedMotif[],
): MotifMatch[] {
  return tomtom([{ id, name, ppm: ppmOf(counts, nsites) }], known)
}

/** The peaks that hold the strongest hits of a motif, with where they lie, the strongest first. */
export function strongestHits(peaks: readonly Uint8Array[], ppm: Matrix, random: Random): SiteMember[] {
  const strands = [pwmOf(ppm), reverseComplementMatrix(pwmOf(ppm))]
  const hits = Array.from({ length: peaksScanned }, () => {
    const codes = peaks[random.below(peaks.length)]!
    let best = { score: -Infinity, first: 0, strand: '+' as '+' | '-' }
    for (const [s, pwm] of strands.entries()) {
      for (let first = 0; first + pwm.length <= codes.length; first++) {
        // Counts of 0 would forbid a hit for one base.
        const score = pwm.reduce((sum, row, i) => sum + Math.max(-6, row[codes[first + i]!] ?? -2), 0)
        if (score > best.score) best = { score, first, strand: s === 0 ? '+' : '-' }
      }
    }
    return { ...best, codes, last: best.first + ppm.length - 1, motifOffset: 0 }
  })
  return hits.sort((a, b) => b.score - a.score).slice(0, peaksWithSites)
}

/** Of one comparison over trials. */
interface Tally {
  trials: number
  hits: number
  seconds: number
}

interface Tallies {
  readonly before: Tally
  readonly after: Tally
}

const noTrials = (): Tallies => ({
  before: { trials: 0, hits: 0, seconds: 0 },
  after: { trials: 0, hits: 0, seconds: 0 },
})

function addTrial(
  tally: Tally,
  isHit: (matches: readonly MotifMatch[]) => boolean,
  work: () => MotifMatch[],
): void {
  const begin = process.cpuUsage()
  if (isHit(work())) tally.hits++
  tally.seconds += process.cpuUsage(begin).user / 1e6
  tally.trials++
}

function print(cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`)
}

function printHead(...titles: readonly string[]): void {
  const all = [...titles, 'before', 'after', 'CPU s each, before', 'after']
  print(all)
  print(all.map(() => '---'))
}

function cellsOf({ before, after }: Tallies): string[] {
  const share = ({ hits, trials }: Tally): string =>
    `${((100 * hits) / trials).toFixed(1)} % (${hits} of ${trials})`
  const seconds = (tally: Tally): string => (tally.seconds / tally.trials).toFixed(3)
  return [share(before), share(after), seconds(before), seconds(after)]
}

async function main(trials: number, trialsBefore: number, seed: number): Promise<void> {
  const known = await jaspar()
  const peaks = await peaksByFactor()
  const factors = [...peaks.keys()]

  printHead('shuffled peaks: sites', 'columns')
  for (const sites of nullSites) {
    for (const width of nullWidths) {
      const tallies = noTrials()
      for (let trial = 0; trial < trials; trial++) {
        const random = new Random(seed, 'shuffled peaks', sites, width, trial)
        const motif = nullMotif(peaks.get(factors[trial % factors.length]!)!, sites, width, random)
        const isHit = (matches: readonly MotifMatch[]): boolean => matches[0]!.qValue < level
        if (trial < trialsBefore) addTrial(tallies.before, isHit, () => matchAllColumns(motif, known))
        addTrial(tallies.after, isHit, () => matchMotifs([motif], known))
      }
      print([sites, width, ...cellsOf(tallies)])
    }
  }

  console.log()
  printHead('true sites of', 'sites')
  const each = Math.ceil(trials / 20)
  const totals = new Map<number, Tallies>()
  for (const factor of factors) {
    const target = motifOf(factor, known)
    const hits = strongestHits(peaks.get(factor)!, target.ppm, new Random(seed, 'peaks', factor))
    for (const sites of [...nullSites, 100]) {
      const tallies = noTrials()
      for (let trial = 0; trial < each; trial++) {
        const random = new Random(seed, 'true sites', factor, sites, trial)
        const members = Array.from({ length: sites }, () => hits[random.below(hits.length)]!)
        const { pfm: counts, informative } = motifSites(members, target.ppm.length)
        const motif = { id: factor, name: factor, counts, nsites: sites, informative }
        const isHit = (matches: readonly MotifMatch[]): boolean =>
          matches.some(({ targetId, qValue }) => targetId === target.id && qValue < level)
        addTrial(tallies.before, isHit, () => matchAllColumns(motif, known))
        addTrial(tallies.after, isHit, () => matchMotifs([motif], known))
      }
      print([factor, sites, ...cellsOf(tallies)])
      const total = totals.get(sites) ?? noTrials()
      totals.set(sites, total)
      for (const when of ['before', 'after'] as const) {
        for (const key of ['trials', 'hits', 'seconds'] as const) total[when][key] += tallies[when][key]
      }
    }
  }
  for (const [sites, total] of totals) print(['all', sites, ...cellsOf(total)])
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [trials = '200', trialsBefore = trials, seed = '1'] = process.argv.slice(2)
  await main(Number(trials), Number(trialsBefore), Number(seed))
}
