/** `sis batch DIR --summary`: one table and one page of what all samples of a batch have come to. */
import { basename, join, resolve } from 'node:path'
import { counted } from '../../base/format.ts'
import { DataError, SisError } from '../../base/errors.ts'
import { ppmOf } from '../../motif/motif.ts'
import { renderBatch, type BatchRow } from '../../report/batchPage.ts'
import type { Matrix } from '../../sequence/matrix.ts'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import { withDatabase } from '../../store/duckdb.ts'
import { requireCurrentTables } from '../record/databaseVersion.ts'
import type { RunEnvironment } from '../record/openRun.ts'
import { requireDatabase } from '../record/readiness.ts'
import { runDirectory, type RunDirectory } from '../record/runDirectory.ts'
import { modelOf } from '../record/runModels.ts'
import { readStageRecords } from '../record/stage.ts'
import { batchDirectory, readBatch } from './batch.ts'

/**
 * Samples that are not finished do not keep the others from being summed up.
 * @throws DataError that names them, when all is written
 */
export async function summarizeBatch(
  path: string,
  { reporter, stdout }: Pick<RunEnvironment, 'reporter' | 'stdout'>,
): Promise<void> {
  const directory = batchDirectory(resolve(path))
  const batch = await readBatch(directory)
  const rows: BatchRow[] = []
  const unfinished: { sample: string; why: string }[] = []
  for (const { name, run } of batch.samples) {
    try {
      rows.push(...(await rowsOf(name, runDirectory(join(directory.path, run)))))
    } catch (error) {
      if (!(error instanceof SisError)) throw error
      unfinished.push({ sample: name, why: error.message })
    }
  }
  await writeFileAtomically(directory.summary, tsvOf(rows))
  const runOf = new Map(batch.samples.map(({ name, run }) => [name, run]))
  const page = renderBatch({
    title: basename(directory.path),
    rows,
    unfinished,
    reportOf: (sample) => `${runOf.get(sample)!}/report.html`,
  })
  await writeFileAtomically(directory.summaryPage, page)
  reporter.info(`${counted(batch.samples.length - unfinished.length, 'sample')} summed up`)
  stdout.write(`${directory.summary}\n${directory.summaryPage}\n`)
  if (unfinished.length === 0) return
  const list = unfinished.map(({ sample, why }) => `${sample}: ${why}`).join('\n  ')
  throw new DataError(`${counted(unfinished.length, 'sample')} not finished:\n  ${list}`)
}

interface Found {
  readonly model: string
  readonly auroc: number | null
  readonly explained: number
  readonly sis: number
  readonly motifs: number
  readonly consensus: string | null
  readonly nsites: number | null
  readonly pfm: Matrix | null
  readonly factor: string | null
  readonly q: number | null
}

async function rowsOf(sample: string, directory: RunDirectory): Promise<BatchRow[]> {
  await requireDatabase(directory)
  const found = await withDatabase(
    directory.database,
    { readOnly: true, blame: directory.database },
    async (database) => {
      await requireCurrentTables(database, directory)
      return database.rows<Found>(
        `WITH most AS (
           SELECT model_id, site_consensus AS consensus, nsites, site_pfm AS pfm, factor,
             CASE WHEN factor IS NOT NULL THEN q_value END AS q
           FROM motifs JOIN motif_best_matches USING (motif_id, nsites, site_consensus)
           QUALIFY row_number() OVER (PARTITION BY model_id ORDER BY nsites DESC, motif_id) = 1
         ), many AS (SELECT model_id, count(*)::INTEGER AS motifs FROM motifs GROUP BY model_id)
         SELECT m.name AS model, m.auroc_test AS auroc, s.sequences_explained AS explained, s.sis,
           coalesce(many.motifs, 0)::INTEGER AS motifs, most.* EXCLUDE (model_id)
         FROM models m JOIN sis_summary s USING (model_id) LEFT JOIN most USING (model_id) LEFT JOIN many USING (model_id)
         ORDER BY m.model_id`,
      )
    },
  )
  const records = await readStageRecords(directory)
  return found.map(({ model, auroc, explained, sis, motifs, consensus, nsites, pfm, factor, q }) => ({
    sample,
    model,
    auroc,
    explained,
    sis,
    motifs,
    leading: consensus === null ? null : { consensus, nsites: nsites!, ppm: ppmOf(pfm!, nsites!), factor, q },
    seconds: records
      .filter(({ stage }) => modelOf(stage) === model)
      .reduce((sum, { seconds }) => sum + seconds, 0),
  }))
}

const columns = [
  'sample',
  'model',
  'auroc_test',
  'sequences_explained',
  'sis',
  'motifs',
  'leading_motif',
  'leading_motif_sites',
  'known_factor',
  'q_value',
  'seconds',
] as const

/** What is not known is an empty cell. */
function tsvOf(rows: readonly BatchRow[]): string {
  const lines = rows.map(({ sample, model, auroc, explained, sis, motifs, leading, seconds }) =>
    [
      sample,
      model,
      auroc ?? '',
      explained,
      sis,
      motifs,
      leading?.consensus ?? '',
      leading?.nsites ?? '',
      leading?.factor ?? '',
      leading?.q ?? '',
      seconds.toFixed(2),
    ].join('\t'),
  )
  return `${[columns.join('\t'), ...lines].join('\n')}\n`
}
