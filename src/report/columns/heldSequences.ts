/** Which sequences the page's explorer holds: all that are explained, or of very many a sample spread evenly. */
import type { Database } from '../../store/duckdb.ts'
import type { Extent } from './explorerIndex.ts'

/** What a page may hold: 100,000 SIS and some, and 6 MB of packed bases, make it 12 MB at most. */
export interface HoldLimits {
  readonly sis: number
  readonly bases: number
}
export const holdLimits: HoldLimits = { sis: 120_000, bases: 24_000_000 }

/** Makes the temporary table `held`: `sequence_id`, `place` (0-based, in order of id). */
export async function holdSequences(
  database: Database,
  limits: HoldLimits,
): Promise<{ whole: Extent; held: Extent }> {
  await database.run(
    `CREATE OR REPLACE TEMP TABLE held AS
     WITH explained AS (
       SELECT sequence_id, count(*) AS sis FROM sis WHERE NOT vacuous GROUP BY sequence_id
     ), sums AS (
       SELECT sequence_id, sis, sum(sis) OVER spread AS sis_before, sum(length(sequence)) OVER spread AS bases_before
       FROM explained JOIN sequences USING (sequence_id)
       WINDOW spread AS (ORDER BY hash(sequence_id), sequence_id ROWS UNBOUNDED PRECEDING)
     )
     SELECT sequence_id, sis, (row_number() OVER (ORDER BY sequence_id) - 1)::INTEGER AS place
     FROM sums WHERE sis_before <= ${limits.sis} AND bases_before <= ${limits.bases}`,
  )
  const [extents] = await database.rows<{ ws: number; wn: number; hs: number; hn: number }>(
    `SELECT (SELECT count(DISTINCT sequence_id)::INTEGER FROM sis WHERE NOT vacuous) AS ws,
       (SELECT count(*)::INTEGER FROM sis WHERE NOT vacuous) AS wn,
       (SELECT count(*)::INTEGER FROM held) AS hs, (SELECT coalesce(sum(sis), 0)::INTEGER FROM held) AS hn`,
  )
  const { ws, wn, hs, hn } = extents!
  return { whole: { sequences: ws, sis: wn }, held: { sequences: hs, sis: hn } }
}
