/** The sources of a run's sequences as one stream of records, and what is known of their labels. */
import { z } from 'zod'
import { ConfigError, type DataError } from '../../base/errors.ts'
import type { Reporter } from '../../base/reporter.ts'
import { readBamWindows } from '../../io/alignments/bam.ts'
import { readFasta } from '../../io/sequences/fasta.ts'
import { openGenome } from '../../io/regions/genome.ts'
import { readKnownMotifs } from '../../io/motifs/knownMotifs.ts'
import { readSequenceTable } from '../../io/sequences/sequenceTable.ts'
import { readFastaWithTargets } from '../../io/sequences/targets.ts'
import { decodeSequence } from '../../sequence/alphabet.ts'
import { grammarSchema, type Grammar } from '../../sequence/grammar.ts'
import type { SourceRecord } from '../../sequence/prepare.ts'
import { simulate, type PlantedSite } from '../../sequence/simulate.ts'
import type { Config } from '../config/configSchema.ts'
import { knownMotifsFile } from './knownMotifs.ts'
import { readBedSource, type OccupiedGenomes } from './bedSource.ts'
import { readYaml } from '../config/readYaml.ts'

type SourceConfig = Config['sequences']['sources'][number]

/** Counted while the records are consumed. */
export interface SourceTally {
  /** Records that could not be read and were left out (`bad-records: skip`). */
  bad: number
  firstBad: DataError | undefined
  /** Windows that would hang over the end of their chromosome. */
  overhanging: number
  /** Names of the labels; undefined until a source that has any is read. */
  labelNames: readonly string[] | undefined
  /** Planted sites of simulated sequences that are still to be consumed, by name. */
  readonly planted: Map<string, readonly PlantedSite[]>
}

export function createTally(): SourceTally {
  return { bad: 0, firstBad: undefined, overhanging: 0, labelNames: undefined, planted: new Map() }
}

/** Every input file of the sources, for hashing. */
export function sourceFiles(config: Config): string[] {
  const files = config.sequences.sources.flatMap((source) => [
    source.fasta,
    source.target,
    source.positives,
    source.negatives,
    source.table,
    source.bed,
    source.bam,
    source.peaks,
    source.genome,
    source.simulate,
    source.simulate === undefined ? undefined : knownMotifsFile(config),
  ])
  return files.filter((file) => file !== undefined)
}

export async function* readSources(
  config: Config,
  tally: SourceTally,
  reporter: Reporter,
): AsyncGenerator<SourceRecord> {
  const occupied: OccupiedGenomes = new Map()
  for (const source of config.sequences.sources) {
    const { split, shuffles } = source
    for await (const record of readSource(source, config, occupied, tally, reporter)) {
      yield {
        ...record,
        split: split ?? record.split,
        shuffles,
        ...(record.labels === undefined && source.label !== undefined ? { label: source.label } : {}),
      }
    }
  }
}

async function* readSource(
  source: SourceConfig,
  config: Config,
  occupied: OccupiedGenomes,
  tally: SourceTally,
  reporter: Reporter,
): AsyncGenerator<SourceRecord> {
  const onBadRecord =
    config.sequences.badRecords === 'error'
      ? undefined
      : (error: DataError): void => {
          tally.bad++
          tally.firstBad ??= error
        }
  const length = config.sequences.length!
  if (source.fasta !== undefined) {
    yield* source.target === undefined
      ? readFasta(source.fasta, { onBadRecord })
      : readFastaWithTargets(source.fasta, source.target, { onBadRecord })
  } else if (source.positives !== undefined) {
    for await (const record of readFasta(source.positives, { onBadRecord })) yield { ...record, label: 1 }
    if (source.negatives === undefined) return
    for await (const record of readFasta(source.negatives, { onBadRecord })) yield { ...record, label: 0 }
  } else if (source.table !== undefined) {
    const { sequenceColumn, nameColumn, labelColumns } = source
    if (labelColumns !== undefined) tally.labelNames ??= labelColumns
    yield* readSequenceTable(source.table, { sequenceColumn, nameColumn, labelColumns, onBadRecord })
  } else if (source.bed !== undefined) {
    const onSkip = (): void => {
      tally.overhanging++
    }
    yield* readBedSource(source, config, occupied, { onSkip, onBadRecord }, reporter)
  } else if (source.bam !== undefined) {
    const { peaks, minCoverage, minMappingQuality, stranded, centre } = source
    const options = { length, peaks, centre, minCoverage, minMappingQuality, stranded, onBadRecord, reporter }
    yield* readBamWindows(source.bam, await openGenome(source.genome!), options)
  } else {
    yield* simulated(source.simulate!, config, tally, reporter)
  }
}

/** @throws DataError where the file cannot be read, ConfigError where it is no grammar */
export async function readGrammar(file: string): Promise<Grammar> {
  const grammar = grammarSchema.safeParse(await readYaml(file))
  if (grammar.success) return grammar.data
  throw new ConfigError(`${file}: ${z.prettifyError(grammar.error).replace(/\s*\n\s*/g, ' ')}`)
}

async function* simulated(
  file: string,
  config: Config,
  tally: SourceTally,
  reporter: Reporter,
): AsyncGenerator<SourceRecord> {
  const grammar = await readGrammar(file)
  tally.labelNames ??= grammar.labels
  const motifs = await readKnownMotifs(knownMotifsFile(config), (note) => {
    reporter.warn(note)
  })
  // An id is one motif's, a name may be several motifs': the first has it.
  const known = new Map([
    ...[...motifs].reverse().map(({ name, ppm }) => [name, ppm] as const),
    ...motifs.map(({ id, ppm }) => [id, ppm] as const),
  ])
  for (const { name, codes, labels, sites } of simulate(grammar, config.seed, known)) {
    tally.planted.set(name, sites)
    yield { name, sequence: decodeSequence(codes), labels, file }
  }
}
