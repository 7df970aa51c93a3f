/** The sequences that give their bases to completions of others: those that the model itself does not call. */
import type { SequenceSet } from '../../sequence/sequenceSet.ts'
import { decisionHolds, type Decision } from '../../sis/decision.ts'
import { readTable } from '../../store/tableReader.ts'
import type { ModelConfig } from '../config/modelIndex.ts'
import type { RunDirectory } from '../record/runDirectory.ts'

/**
 * A sequence that the model calls would bring the decision with it. The sequence that is completed is called itself, so it
 * is none of them.
 * @returns Uint8Array [n, L], in the order of the set
 */
export async function donorsOf(
  directory: RunDirectory,
  { name }: ModelConfig,
  decision: Decision,
  { ids, codes, length }: SequenceSet,
): Promise<Uint8Array> {
  const uncalled = new Set<number>()
  const columns = ['sequence_id', 'score'] as const
  const files = [directory.table('predictions', name)]
  for await (const { sequence_id, score } of readTable(files, 'predictions', columns, {
    where: `output = ${decision.output}`,
  })) {
    if (!decisionHolds(decision, score)) uncalled.add(sequence_id)
  }
  const rows = [...ids.keys()].filter((row) => uncalled.has(ids[row]!))
  const donors = new Uint8Array(rows.length * length)
  for (const [i, row] of rows.entries()) {
    donors.set(codes.subarray(row * length, (row + 1) * length), i * length)
  }
  return donors
}
