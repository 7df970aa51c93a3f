/** Small tables and run directories that several tests of the store use. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Row } from '../../src/store/tables.ts'

export async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sis-store-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

export function sequenceRow(id: number, change: Partial<Row<'sequences'>> = {}): Row<'sequences'> {
  return {
    sequence_id: id,
    name: `chr1:${id * 10}-${id * 10 + 8}`,
    chrom: 'chr1',
    start: id * 10,
    end: id * 10 + 8,
    strand: id % 2 === 0 ? '+' : '-',
    sequence: 'ACGTNACG',
    label: id % 2,
    labels: [id % 2],
    split: (['train', 'valid', 'test'] as const)[id % 3]!,
    parent_id: id % 2 === 0 ? null : id - 1,
    ...change,
  }
}

export function modelRow(id: number, name: string): Row<'models'> {
  return {
    model_id: id,
    name,
    architecture: name,
    parameters: 100,
    auroc_train: null,
    auprc_train: null,
    auroc_valid: null,
    auprc_valid: null,
    auroc_test: 0.9,
    auprc_test: 0.9,
    output: 0,
    output_name: 'bound',
    direction: '>=',
    threshold: 0.5,
    quantile: null,
    background: [0.25, 0.25, 0.25, 0.25],
    score_masked: 0.125,
    model_hash: '00',
  }
}

export function sisRow(
  model: number,
  sequence: number,
  rank: number,
  positions: readonly number[],
): Row<'sis'> {
  return {
    model_id: model,
    sequence_id: sequence,
    rank,
    positions,
    size: positions.length,
    pattern: 'A'.repeat(positions.length),
    score_full: 0.9,
    score_sis: 0.75,
    score_residual: 0.25,
    score_masked: 0.125,
    minimal: true,
    certified: true,
    vacuous: positions.length === 0,
    recomputed: false,
  }
}
