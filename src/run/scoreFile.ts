/** Scores the sequences of a file, as they are read, with any model: a table of names and scores. */
import type { Writable } from 'node:stream'
import { once } from 'node:events'
import { ConfigError, DataError } from '../base/errors.ts'
import type { Reporter } from '../base/reporter.ts'
import { readBedWindows, type WindowCentre } from '../io/regions/bedWindows.ts'
import { readFasta } from '../io/sequences/fasta.ts'
import { openGenome } from '../io/regions/genome.ts'
import type { Predictor } from '../predict/predictor.ts'
import { encodeSequence } from '../sequence/alphabet.ts'
import type { SequenceRecord } from '../sequence/sequenceSet.ts'
import { type FileOptions, readModel, readModelFor } from '../import/importModel.ts'
import { lengthOf, openPredictor, type PredictorSettings } from '../import/modelPredictor.ts'

export interface ScoreFileOptions {
  /** FASTA, or BED where a genome is given. */
  readonly sequences: string
  readonly genome?: string | undefined
  readonly centre: WindowCentre
  /** Model file or artifact, and what the file does not tell. */
  readonly model: string
  readonly modelOptions: FileOptions
  readonly settings: PredictorSettings
  readonly stdout: Writable
  readonly reporter: Reporter
  readonly signal: AbortSignal
}

/**
 * Writes `name`, and a column of scores for each output, one line a sequence, in the order of the file. A model that reads
 * any length reads sequences of any lengths.
 * @throws DataError naming a sequence whose length the model does not read
 */
export async function scoreFile(options: ScoreFileOptions): Promise<void> {
  const { stdout, reporter, signal } = options
  const models = new ModelsByLength(options)
  const task = reporter.task('scoring sequences')
  try {
    let batch: SequenceRecord[] = []
    let scored = 0
    let header: readonly string[] | undefined
    const flush = async (): Promise<void> => {
      if (batch.length === 0) return
      signal.throwIfAborted()
      const predictor = await models.of(batch[0]!)
      if (header === undefined) {
        header = predictor.outputs
        await write(stdout, `${['name', ...header].join('\t')}\n`)
      }
      const { width, outputs } = predictor
      const codes = new Uint8Array(batch.length * width)
      for (const [row, { sequence }] of batch.entries()) codes.set(encodeSequence(sequence), row * width)
      const scores = await predictor.predict(codes, batch.length)
      const lines = batch.map(({ name }, row) => {
        const ofRow = scores.subarray(row * outputs.length, (row + 1) * outputs.length)
        return `${[name, ...Array.from(ofRow, decimal)].join('\t')}\n`
      })
      await write(stdout, lines.join(''))
      scored += batch.length
      task.update(scored)
      batch = []
    }
    for await (const record of await recordsOf(options)) {
      const full = batch.length >= batchRows
      if (full || (batch.length > 0 && batch[0]!.sequence.length !== record.sequence.length)) await flush()
      batch.push(record)
    }
    await flush()
    reporter.info(`${scored} sequences scored by ${models.backend}`)
  } finally {
    task.end()
    await models.close()
  }
}

/** Several of the predictor's own batches. */
const batchRows = 2048
/** Predictors of other lengths than these are opened again. */
const mostLengths = 16

class ModelsByLength {
  readonly #options: ScoreFileOptions
  readonly #open = new Map<number, Predictor>()
  backend = 'nothing'

  constructor(options: ScoreFileOptions) {
    this.#options = options
  }

  async of({ name, sequence }: SequenceRecord): Promise<Predictor> {
    const length = sequence.length
    const known = this.#open.get(length)
    if (known !== undefined) return known
    const { model: path, modelOptions, settings, reporter, sequences } = this.#options
    const { model, notes } = await readModelFor(length, path, modelOptions, settings)
    if (lengthOf(model) !== length) {
      throw new DataError(
        `has ${length} bases, but the model reads ${lengthOf(model)}; cut or extend the sequences to that`,
        { file: sequences, sequence: name },
      )
    }
    if (this.#open.size === 0) for (const note of notes) reporter.warn(note)
    if (this.#open.size === mostLengths) await this.#closeOldest()
    const predictor = await openPredictor(model, settings)
    this.#open.set(length, predictor)
    this.backend = predictor.backend
    return predictor
  }

  async close(): Promise<void> {
    while (this.#open.size > 0) await this.#closeOldest()
  }

  async #closeOldest(): Promise<void> {
    const [length, predictor] = [...this.#open][0]!
    this.#open.delete(length)
    await predictor.close()
  }
}

async function recordsOf({
  sequences,
  genome,
  centre,
  model,
  modelOptions,
  settings,
  reporter,
}: ScoreFileOptions): Promise<AsyncIterable<SequenceRecord>> {
  if (genome === undefined) {
    if (/\.(bed|narrowPeak|broadPeak)(\.gz)?$/i.test(sequences)) {
      throw new ConfigError(`${sequences} holds places, not sequences; name their genome with --genome`)
    }
    return readFasta(sequences)
  }
  const length = lengthOf((await readModel(model, modelOptions, settings)).model)
  let overhanging = 0
  const onSkip = (): void => {
    if (overhanging++ === 0) {
      reporter.warn('windows that would hang over the end of their chromosome are left out')
    }
  }
  const onNote = (note: string): void => {
    reporter.warn(note)
  }
  return readBedWindows(sequences, await openGenome(genome), { length, centre, onSkip, onNote })
}

/** As many digits as a float32 has. */
function decimal(score: number): string {
  return String(Number(score.toPrecision(7)))
}

async function write(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain')
}
