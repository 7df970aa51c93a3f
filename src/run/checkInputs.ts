/** Looks at every file that a run will read before any work begins, so that a late stage does not fail on one. */
import { DataError, SisError } from '../base/errors.ts'
import { ReadDepth } from '../io/readDepth.ts'
import { readBed } from '../io/bed.ts'
import { readFasta } from '../io/fasta.ts'
import { openGenome } from '../io/genome.ts'
import { readKnownMotifs } from '../io/knownMotifs.ts'
import { readSequenceTable } from '../io/sequenceTable.ts'
import { readLines } from '../io/textLines.ts'
import { resolveArchitecture } from '../model/architecture.ts'
import type { Config } from './configSchema.ts'
import { checkModelFile } from './importModel.ts'
import { knownMotifsFile } from './knownMotifs.ts'
import { readHiddenLayers } from './hiddenLayers.ts'
import type { ModelConfig } from './modelIndex.ts'
import { readGrammar } from './sources.ts'

/** What a command is about to read. */
export interface InputChoice {
  readonly sources?: boolean
  readonly models?: readonly ModelConfig[]
  readonly knownMotifs?: boolean
}

/**
 * Opens every file and reads its beginning; small ones (motifs, architectures, grammars) whole.
 * @throws the error of the one input that is wrong, as its reader words it; of several a DataError with a line for each
 */
export async function checkInputs(config: Config, choice: InputChoice): Promise<void> {
  const errors = new Map<string, SisError>()
  async function check(look: () => unknown): Promise<void> {
    try {
      await look()
    } catch (error) {
      if (!(error instanceof SisError)) throw error
      errors.set(error.message, error) // one file may be several inputs
    }
  }
  const sources = choice.sources === true ? config.sequences.sources : []
  for (const look of sources.flatMap((source) => sourceChecks(source, config))) await check(look)
  for (const model of choice.models ?? []) {
    for (const look of modelChecks(model)) await check(look)
  }
  if (choice.knownMotifs === true || sources.some(({ simulate }) => simulate !== undefined)) {
    await check(() => readKnownMotifs(knownMotifsFile(config)))
  }
  const [first, ...others] = errors.values()
  if (first === undefined) return
  if (others.length === 0) throw first
  throw new DataError(
    `${errors.size} inputs cannot be used:\n${[...errors.keys()].map((text) => `  ${text}`).join('\n')}`,
  )
}

type Look = () => unknown

function sourceChecks(source: Config['sequences']['sources'][number], config: Config): Look[] {
  const { sequenceColumn, nameColumn, labelColumns } = source
  // Bad records are the reading's business: here only the file is looked at where they may be left out.
  const onBadRecord = config.sequences.badRecords === 'skip' ? (): void => undefined : undefined
  const looks: Look[] = []
  for (const file of [source.fasta, source.positives, source.negatives]) {
    if (file !== undefined) looks.push(() => first(readFasta(file, { onBadRecord })))
  }
  const { target, table, bed, peaks, genome, bam, simulate } = source
  if (target !== undefined) looks.push(() => first(readLines(target, 'targets')))
  if (table !== undefined) {
    const options = { sequenceColumn, nameColumn, labelColumns, onBadRecord }
    looks.push(() => first(readSequenceTable(table, options)))
  }
  for (const file of [bed, peaks]) {
    if (file !== undefined) looks.push(() => first(readBed(file, { onBadRecord, summits: false })))
  }
  if (genome !== undefined) looks.push(async () => (await openGenome(genome)).close())
  if (bam !== undefined) looks.push(() => ReadDepth.open(bam))
  if (simulate !== undefined) looks.push(() => readGrammar(simulate))
  return looks
}

function modelChecks(model: ModelConfig): Look[] {
  const from = model.file ?? model.artifact
  if (from !== undefined) return [() => checkModelFile(from, model.weights)]
  return [async () => resolveArchitecture(await readHiddenLayers(model), 1, model.strands)]
}

/** Reads to the first item. */
async function first(stream: AsyncGenerator): Promise<void> {
  try {
    await stream.next()
  } finally {
    await stream.return(undefined)
  }
}
