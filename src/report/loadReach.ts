/** Reads what a model made of its SIS in real contexts. */
import { fillKinds } from '../completion/fills.ts'
import type { Database } from '../store/duckdb.ts'
import type { FillFacts, LossFacts, ReachFacts } from './reachFacts.ts'

const bins = 20

/** @returns undefined where its SIS were not tried */
export async function loadReach(database: Database, id: number): Promise<ReachFacts | undefined> {
  const of = `WHERE model_id = ${id}`
  const [contexts] = await database.rows<{ sis: number; bounded: number; proved: number; refuted: number }>(
    `SELECT count(*)::INTEGER AS sis, count(proved)::INTEGER AS bounded,
       (count(*) FILTER (proved))::INTEGER AS proved, (count(*) FILTER (refuted))::INTEGER AS refuted
     FROM sis_contexts ${of}`,
  )
  const { sis, bounded, proved, refuted } = contexts!
  if (sis === 0) return undefined
  const order = fillKinds.map((kind) => `'${kind}'`).join(', ')
  const fills = await database.rows<Omit<FillFacts, 'histogram'>>(
    `SELECT fill, any_value(completions) AS completions, sum(held) / sum(completions) AS share,
       sum(held_without) / sum(completions) AS "shareWithout", median(share) AS "medianShare",
       (count(*) FILTER (2 * held > completions))::INTEGER AS robust,
       (count(*) FILTER (held = completions))::INTEGER AS always
     FROM sis_completions ${of} GROUP BY fill ORDER BY list_position([${order}], fill)`,
  )
  const tallies = await database.rows<{ fill: string; bin: number; n: number }>(
    `SELECT fill, least(${bins - 1}, floor(share * ${bins}))::INTEGER AS bin, count(*)::INTEGER AS n
     FROM sis_completions ${of} GROUP BY ALL`,
  )
  const [losses] = await database.rows<LossFacts>(
    `SELECT count(*)::INTEGER AS sequences, min(size) AS least, median(size) AS median, max(size) AS most,
       sum(in_sis) / sum(size) AS "inSis"
     FROM decision_losses ${of} HAVING count(*) > 0`,
  )
  return {
    fills: fills.map((facts) => {
      const histogram = new Array<number>(bins).fill(0)
      for (const { fill, bin, n } of tallies) if (fill === facts.fill) histogram[bin] = n
      return { ...facts, histogram }
    }),
    sis,
    proved: bounded === 0 ? undefined : proved,
    refuted,
    losses,
  }
}
