/** Explain: attributions made elsewhere, of the sequences that are explained, taken over under a name. */
import { DataError } from '../../base/errors.ts'
import { readGiven } from '../../explain/givenAttributions.ts'
import { readArrayFile } from '../../io/arrays/arrayFile.ts'
import { readLines } from '../../io/files/textLines.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { readTable } from '../../store/tableReader.ts'
import { openTableWriter } from '../../store/tableWriter.ts'
import type { Config } from '../config/configSchema.ts'
import { modelId, type ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'
import type { Stage } from '../record/stage.ts'
import { attributionRow } from './attributionRow.ts'
import { explainedIds, sequenceBatches, type ReadSequence } from './explainedSequences.ts'
import { modelFilesOf, readModelDecision } from './readModels.ts'

type Given = Config['explain']['attributions'][number]

export async function takeAttributionsStage(
  context: RunContext,
  model: ModelConfig,
  { name, path, array, rows }: Given,
): Promise<Stage> {
  const { directory, config } = context
  const id = modelId(config, model)
  const output = directory.table('attributions', `${model.name}.${name}`)
  const sequenceFiles = await tableFiles(directory.path, 'sequences')
  return {
    name: `explain.${model.name}.${name}`,
    settings: {
      id,
      splits: config.extract.splits,
      extracted: config.extract.maxSequences,
      maxSequences: config.explain.maxSequences,
      array,
    },
    inputs: () => [
      ...sequenceFiles,
      ...modelFilesOf(directory, model.name),
      directory.table('predictions', model.name),
      path,
      ...(rows === undefined ? [] : [rows]),
    ],
    async run() {
      const decision = await readModelDecision(directory, model.name)
      const ids = await explainedIds(context, model, decision)
      const sequences: ReadSequence[] = []
      for await (const batch of sequenceBatches(sequenceFiles, new Set(ids), 1000)) sequences.push(...batch)
      const tensor = await readArrayFile(path, array)
      const given = readGiven(tensor, sequences[0]!.codes.length, path)
      const rowOf =
        rows === undefined
          ? await rowsInOrder(sequences, sequenceFiles, given.rows, path)
          : await rowsByName(rows, given.rows, path)
      const writer = await openTableWriter('attributions', output)
      try {
        for (const sequence of sequences) {
          const attribution = given.attribution(rowOf(sequence), sequence)
          const of = { model_id: id, method: name, replicate: 0, sequence_id: sequence.id }
          writer.append({ ...of, ...attributionRow(attribution), seconds: null })
        }
        await writer.close()
      } finally {
        await writer.abort()
      }
      return { outputs: [output], details: { sequences: sequences.length, file: path, shape: tensor.shape } }
    },
  }
}

type RowOf = (sequence: ReadSequence) => number

/** Rows are the explained sequences, or all that were prepared. */
async function rowsInOrder(
  sequences: readonly ReadSequence[],
  sequenceFiles: readonly string[],
  rows: number,
  file: string,
): Promise<RowOf> {
  if (rows === sequences.length) {
    const places = new Map(sequences.map(({ id }, row) => [id, row]))
    return ({ id }) => places.get(id)!
  }
  const places = new Map<number, number>()
  for await (const { sequence_id } of readTable(sequenceFiles, 'sequences', ['sequence_id'])) {
    places.set(sequence_id, places.size)
  }
  if (rows === places.size) return ({ id }) => places.get(id)!
  throw new DataError(
    `has ${rows} rows; ${sequences.length} sequences are explained, and ${places.size} were prepared: give one row for each of either, or name the rows by --attribution-rows`,
    { file },
  )
}

/** Rows are what a table's first column, or a FASTA file's headers, name. */
async function rowsByName(names: string, rows: number, file: string): Promise<RowOf> {
  const lines: { readonly text: string; readonly line: number }[] = []
  for await (const { text, line } of readLines(names)) {
    if (text.trim() !== '') lines.push({ text, line })
  }
  const isFasta = lines[0]?.text.startsWith('>') === true
  const found = isFasta ? lines.filter(({ text }) => text.startsWith('>')) : lines
  if (found.length !== rows) {
    throw new DataError(`names ${found.length} rows, and ${file} has ${rows}`, { file: names })
  }
  const places = new Map<string, number>()
  const repeated = new Map<string, number>()
  for (const [row, { text, line }] of found.entries()) {
    const name = isFasta ? text.slice(1).trim().split(/\s/)[0]! : text.split('\t')[0]!.trim()
    if (places.has(name)) repeated.set(name, line)
    else places.set(name, row)
  }
  return ({ name }) => {
    const line = repeated.get(name)
    if (line !== undefined) throw new DataError('is named twice', { file: names, line, sequence: name })
    const row = places.get(name)
    if (row !== undefined) return row
    throw new DataError('is explained, and not among the rows', { file: names, sequence: name })
  }
}
