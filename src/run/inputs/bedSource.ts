/** The records of a BED source: a window at each interval, and negatives of the genome that are matched to them. */
import type { Reporter } from '../../base/reporter.ts'
import { readBed } from '../../io/regions/bed.ts'
import { readBedWindows, windowStart, type BedWindowOptions } from '../../io/regions/bedWindows.ts'
import { openGenome } from '../../io/regions/genome.ts'
import { GenomicNegatives } from '../../io/regions/genomicNegatives.ts'
import { OccupiedPlaces } from '../../io/regions/occupiedPlaces.ts'
import type { SourceRecord } from '../../sequence/prepare.ts'
import type { Config } from '../config/configSchema.ts'

type Sequences = Config['sequences']
type SourceConfig = Sequences['sources'][number]

/** By genome: the places that the negatives of all BED sources keep clear of, each other's among them. */
export type OccupiedGenomes = Map<string, OccupiedPlaces>

/** @param occupied the run's own, empty before its first source */
export async function* readBedSource(
  source: SourceConfig,
  config: Config,
  occupied: OccupiedGenomes,
  { onSkip, onBadRecord }: Pick<BedWindowOptions, 'onSkip' | 'onBadRecord'>,
  reporter: Reporter,
): AsyncGenerator<SourceRecord> {
  const { sequences, seed } = config
  const bed = source.bed!
  const length = sequences.length!
  const genome = await openGenome(source.genome!)
  const onNote = (note: string): void => {
    reporter.warn(note)
  }
  const windows = readBedWindows(bed, genome, { length, centre: source.centre, onSkip, onBadRecord, onNote })
  if (source.genomicNegatives === 0) {
    yield* windows
    return
  }
  const places = occupied.get(genome.path) ?? (await occupiedPlaces(genome.path, sequences))
  occupied.set(genome.path, places)
  const negatives = new GenomicNegatives(genome, places, {
    length,
    perPositive: source.genomicNegatives,
    maxUnknown: sequences.maxUnknown,
    repeats: sequences.duplicates === 'keep',
    seed,
    groupOf: source.split === undefined ? splitGroups(sequences) : () => source.split!,
    file: bed,
  })
  for await (const record of windows) {
    negatives.add(record.chrom!, record.sequence)
    yield { ...record, label: 1 }
  }
  const task = reporter.task('drawing genomic negatives')
  let drawn = 0
  for await (const record of negatives.draw()) {
    task.update(++drawn)
    yield { ...record, labels: [0] }
  }
  task.end(`${drawn.toLocaleString('en-US')} windows of ${genome.path}`)
}

/** Every interval of the BED sources of a genome, and every window at one. */
async function occupiedPlaces(
  genome: string,
  { sources, length, badRecords }: Sequences,
): Promise<OccupiedPlaces> {
  const places = new OccupiedPlaces(length!)
  // They are counted, and told, where the source itself is read.
  const onBadRecord = badRecords === 'error' ? undefined : (): void => undefined
  for (const { bed, genome: own, centre } of sources) {
    if (bed === undefined || own !== genome) continue
    for await (const interval of readBed(bed, { onBadRecord, summits: centre === 'summit' })) {
      const start = windowStart(interval, { length: length!, centre })
      places.avoid(interval.chrom, interval.start, interval.end)
      places.avoid(interval.chrom, start, start + length!)
    }
  }
  return places
}

/** Chromosomes of one group are of one split. */
function splitGroups({ splitBy, validChromosomes, testChromosomes }: Sequences): (chrom: string) => string {
  if (splitBy !== 'chromosome') return () => 'all'
  return (chrom) =>
    testChromosomes.includes(chrom) ? 'test' : validChromosomes.includes(chrom) ? 'valid' : 'train'
}
