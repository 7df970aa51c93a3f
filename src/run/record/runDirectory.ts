/** Where things lie in a run directory. */
import { join } from 'node:path'
import type { TableName } from '../../store/tables.ts'

export interface RunDirectory {
  readonly path: string
  readonly config: string
  readonly record: string
  readonly database: string
  readonly report: string
  /** The motifs' site matrices. */
  readonly motifs: string
  /** Their matrices of the bases that the SIS keep. */
  readonly keptMotifs: string
  /** What one stage did; run.json is made of these. */
  stageRecord(stage: string): string
  /** model.onnx and model.json of one model. */
  model(name: string): string
  /** What interrupted extractions of a part had finished; each attempt has a file named after this one. */
  finishedSequences(part: string): string
  /** A Parquet file of one table: `part` names the model, the shard or `all`. */
  table(name: TableName, part: string): string
}

/** A model of compared runs is called RUN/MODEL; no name has `~`, so that two names give two files. */
function fileNameOf(name: string): string {
  return name.replace('/', '~')
}

export function runDirectory(path: string): RunDirectory {
  return {
    path,
    config: join(path, 'config.yaml'),
    record: join(path, 'run.json'),
    database: join(path, 'sis.duckdb'),
    report: join(path, 'report.html'),
    motifs: join(path, 'motifs.meme'),
    keptMotifs: join(path, 'motifs.sis.meme'),
    stageRecord: (stage) => join(path, 'stages', `${stage}.json`),
    model: (name) => join(path, 'models', fileNameOf(name)),
    finishedSequences: (part) => join(path, 'tables', 'sis', `${part}.partial`),
    table: (name, part) => join(path, 'tables', name, `${fileNameOf(part)}.parquet`),
  }
}
