/** Which sequences are explained: those of the chosen splits whose score gives the decision. */
import { DataError } from '../../base/errors.ts'
import { splitNames, type SequenceSet, type Split } from '../../sequence/sequenceSet.ts'
import { decisionHolds, type Decision } from '../../sis/decision.ts'
import { readTable } from '../../store/tableReader.ts'
import type { ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'

/**
 * @param maxSequences at most; as many as are extracted unless given
 * @returns sequence ids, ascending, the same for every shard; of more than the most the most confident
 * @throws DataError where there is none
 */
export async function confidentSequences(
  { directory, config }: RunContext,
  model: ModelConfig,
  decision: Decision,
  maxSequences = config.extract.maxSequences,
): Promise<number[]> {
  const { splits } = config.extract
  const inSplit = new Set<number>()
  const where = `split IN (${splits.map((split) => `'${split}'`).join(', ')})`
  for await (const { sequence_id } of readTable(directory.path, 'sequences', ['sequence_id'], { where })) {
    inSplit.add(sequence_id)
  }
  const scored: { id: number; score: number }[] = []
  const predictions = readTable(
    [directory.table('predictions', model.name)],
    'predictions',
    ['sequence_id', 'score'],
    { where: `output = ${decision.output}` },
  )
  for await (const { sequence_id, score } of predictions) {
    if (inSplit.has(sequence_id) && decisionHolds(decision, score)) scored.push({ id: sequence_id, score })
  }
  if (scored.length === 0) throw nothingToExplain(splits, decision, model)
  if (maxSequences !== undefined && scored.length > maxSequences) {
    const sign = decision.direction === '>=' ? 1 : -1
    scored.sort((a, b) => sign * (b.score - a.score) || a.id - b.id)
    scored.length = maxSequences
  }
  return scored.map(({ id }) => id).sort((a, b) => a - b)
}

/**
 * The same asked of scores that are not stored yet.
 * @param scores of the output that is decided by, one a sequence of the set
 */
export function anyConfident(
  set: SequenceSet,
  scores: Float32Array, // [n]
  splits: readonly Split[],
  decision: Decision,
): boolean {
  const codes = splits.map((split) => splitNames.indexOf(split))
  return scores.some((score, row) => codes.includes(set.splits[row]!) && decisionHolds(decision, score))
}

export function nothingToExplain(
  splits: readonly Split[],
  { direction, threshold }: Decision,
  { name }: ModelConfig,
): DataError {
  return new DataError(
    `no sequence of split ${splits.join(', ')} has a score ${direction} ${threshold} under model '${name}'; change the threshold or explain another split`,
  )
}
