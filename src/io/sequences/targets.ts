/** A FASTA file together with a target file: one line of labels for each sequence, in the same order. */
import { DataError } from '../../base/errors.ts'
import type { SequenceRecord } from '../../sequence/sequenceSet.ts'
import { readFasta, type ReadFastaOptions } from './fasta.ts'
import { parseLabel } from './labels.ts'
import { readLineBlocks } from '../files/textLines.ts'

/**
 * The records of the FASTA file with their labels. One column gives one label; two columns of which exactly one is 1 in
 * every line (`1 0` positive, `0 1` negative) give one label, the first column; other columns are one label each.
 * Throws DataError where a label is neither 0 nor 1, a line has another number of columns, or the counts differ.
 */
export async function* readFastaWithTargets(
  fastaPath: string,
  targetPath: string,
  options: ReadFastaOptions = {},
): AsyncGenerator<SequenceRecord> {
  const { rows, oneHot } = await surveyTargets(targetPath)
  const targets = readTargets(targetPath)
  let sequences = 0
  let linesRead = 0
  const { onBadRecord } = options
  const records = readFasta(fastaPath, {
    onBadRecord:
      onBadRecord &&
      ((error) => {
        sequences++ // a record that is left out leaves its line of labels out too
        onBadRecord(error)
      }),
  })
  try {
    for await (const record of records) {
      sequences++
      if (sequences > rows) continue // to tell both counts
      let labels: readonly number[] = []
      for (; linesRead < sequences; linesRead++) {
        const next = await targets.next()
        if (next.done !== true) labels = next.value
      }
      yield { ...record, labels: oneHot ? labels.slice(0, 1) : labels }
    }
  } finally {
    await targets.return(undefined)
  }
  if (sequences !== rows) {
    throw new DataError(
      `has ${rows} lines of labels, but ${fastaPath} has ${sequences} sequences; there must be one line for each`,
      { file: targetPath },
    )
  }
}

/** The first reading of the target file: whether two columns are one-hot is known only at its end. */
async function surveyTargets(path: string): Promise<{ rows: number; oneHot: boolean }> {
  let rows = 0
  let oneHot = true
  for await (const labels of readTargets(path)) {
    rows++
    if (labels.length !== 2 || labels[0]! + labels[1]! !== 1) oneHot = false
  }
  if (rows === 0) throw new DataError('the file is empty: it has no labels', { file: path })
  return { rows, oneHot }
}

async function* readTargets(path: string): AsyncGenerator<number[], undefined> {
  let columns: number | undefined
  for await (const block of readLineBlocks(path)) {
    for (let i = 0; i < block.lines.length; i++) {
      const text = block.lines[i]!.trim()
      if (text === '') continue
      const location = { file: path, line: block.line + i }
      const labels = text
        .split(/\s+/)
        .map((field, column) => parseLabel(field, `column ${column + 1}`, location))
      columns ??= labels.length
      if (labels.length !== columns) {
        throw new DataError(`has ${labels.length} columns where the lines above have ${columns}`, location)
      }
      yield labels
    }
  }
}
