/** The sequences that explanation methods explain: those that SIS explain. */
import type { ExplainedSequence } from '../../explain/method.ts'
import { encodeSequence } from '../../sequence/alphabet.ts'
import type { Decision } from '../../sis/decision.ts'
import { readTable } from '../../store/tableReader.ts'
import type { ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'
import { confidentSequences } from './confidentSequences.ts'

export interface ReadSequence extends ExplainedSequence {
  readonly id: number
}

/** @returns ids, ascending */
export function explainedIds(context: RunContext, model: ModelConfig, decision: Decision): Promise<number[]> {
  const { extract, explain } = context.config
  const most = Math.min(explain.maxSequences ?? Infinity, extract.maxSequences ?? Infinity)
  return confidentSequences(context, model, decision, most === Infinity ? undefined : most)
}

/** Those of the ids, in the order of the table, `size` at a time. */
export async function* sequenceBatches(
  files: readonly string[],
  chosen: ReadonlySet<number>,
  size: number,
): AsyncGenerator<ReadSequence[]> {
  let batch: ReadSequence[] = []
  const columns = ['sequence_id', 'name', 'sequence'] as const
  for await (const { sequence_id: id, name, sequence } of readTable(files, 'sequences', columns)) {
    if (!chosen.has(id)) continue
    batch.push({ id, name, codes: encodeSequence(sequence) })
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
