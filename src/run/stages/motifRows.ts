/** Clusterings of parts, motifs and their matches as rows of the tables that hold them, and as MEME text and log lines. */
import { writeMemeMotifs } from '../../io/motifs/memeMotifs.ts'
import type { CountedMotif } from '../../motif/compareMotifs.ts'
import { consensusOf } from '../../motif/consensus.ts'
import { ppmOf, pwmOf } from '../../motif/motif.ts'
import { nameClause, namingOf } from '../../motif/naming.ts'
import type { PartMotif, PartMotifSearch } from '../../motif/partMotifs.ts'
import { siteBase, type SiteMember } from '../../motif/sites.ts'
import { siteInSequence, siteSpan, type SiteSpan } from '../../motif/siteSpan.ts'
import type { ComparedMotif, MotifMatch } from '../../motif/motifMatch.ts'
import type { Row } from '../../store/tables.ts'
import { matrixNote, type MatrixKind } from '../export/exportedMotifs.ts'
import type { SisPart } from './sisPartRows.ts'

/** What is clustered: the parts of one model's SIS, or of all. */
export interface Scope {
  readonly name: string
  readonly id: number | null
}

type ClusterTable =
  | 'clusterings'
  | 'clusters'
  | 'cluster_members'
  | 'motifs'
  | 'known_motifs'
  | 'motif_matches'
  | 'motif_enrichment'
  | 'sis_parts'

export type MotifRows = { readonly [T in ClusterTable]: Row<T>[] }

export function noMotifRows(): MotifRows {
  return {
    clusterings: [],
    clusters: [],
    cluster_members: [],
    motifs: [],
    known_motifs: [],
    motif_matches: [],
    motif_enrichment: [],
    sis_parts: [],
  }
}

export interface SearchFacts {
  readonly method: string
  readonly background: readonly number[] // [4]
}

/**
 * Adds what a scope's parts make, and of one model its parts.
 * @returns the new motifs as they are compared with known ones: by what their sites look like, of which an SIS may need but a part
 */
export function addSearch(
  rows: MotifRows,
  scope: Scope,
  parts: readonly SisPart[],
  search: PartMotifSearch,
  { method, background }: SearchFacts,
): CountedMotif[] {
  const clustering_id = rows.clusterings.length
  const singles = parts.filter(({ positions }) => positions.length === 1).length
  rows.clusterings.push({
    clustering_id,
    name: scope.name,
    model_id: scope.id,
    method,
    parameters: JSON.stringify(search.parameters),
    parts: parts.length,
    single_bases: singles,
    noise: search.noise.length - singles,
  })
  const own: Row<'sis_parts'>[] = scope.id === null ? [] : parts.map(partRow)
  // Not as arguments: there may be more than a call takes.
  for (const row of own) rows.sis_parts.push(row)
  return search.motifs.map((found, cluster_id) => {
    const { members, motif, sites, medoid, stability } = found
    const motif_id = rows.motifs.length
    rows.clusters.push({ clustering_id, cluster_id, size: members.length, medoid, stability })
    const span = siteSpan(sites)
    const scoreOf = siteScores(found, span)
    for (const { part: index, strand, motifOffset, adopted } of members) {
      const { sis, part, positions, codes } = parts[index]!
      const { model_id, sequence_id, rank } = sis
      const member = { clustering_id, cluster_id, model_id, sequence_id, rank, part }
      rows.cluster_members.push({ ...member, strand, motif_offset: motifOffset, adopted })
      const row = own[index]
      if (row === undefined) continue
      const placed = { codes, first: positions[0]!, last: positions.at(-1)!, strand, motifOffset }
      const { start, end } = siteInSequence(span, placed)
      row.motif_id = motif_id
      row.strand = strand
      row.site_start = start
      row.site_end = end
      row.site_score = scoreOf(placed)
    }
    const name = `${scope.name}_${cluster_id + 1}`
    rows.motifs.push({
      motif_id,
      name,
      model_id: scope.id,
      clustering_id,
      cluster_id,
      nsites: motif.nsites,
      width: motif.ppm.length,
      consensus: motif.consensus,
      information: motif.information,
      pfm: motif.pfm,
      ppm: motif.ppm,
      site_pfm: sites.pfm,
      site_offset: sites.offset,
      site_consensus: consensusOf(ppmOf(sites.pfm, motif.nsites, background)),
      site_information: sites.information,
      palindrome: found.palindrome,
      clusters_merged: found.clusters,
      naming: 'not compared',
    })
    return { id: name, name, counts: sites.pfm, nsites: motif.nsites, informative: sites.informative }
  })
}

function partRow({ sis, part, positions, pattern }: SisPart): Row<'sis_parts'> {
  return {
    model_id: sis.model_id,
    sequence_id: sis.sequence_id,
    rank: sis.rank,
    part,
    first: positions[0]!,
    last: positions.at(-1)!,
    size: positions.length,
    pattern,
    motif_id: null,
    strand: null,
    site_start: null,
    site_end: null,
    site_score: null,
  }
}

/** Log-odds of the bases that a sequence has at the site, in bits; those beyond the sequence and unknown ones score 0. */
function siteScores({ sites, motif }: PartMotif, { from, to }: SiteSpan): (member: SiteMember) => number {
  const { pfm, offset, composition } = sites
  const logOdds = pwmOf(ppmOf(pfm, motif.nsites, composition), composition)
  return (member) => {
    let score = 0
    for (let column = from; column < to; column++) {
      const base = siteBase(member, column)
      if (base !== undefined) score += logOdds[column - offset]![base]!
    }
    return score
  }
}

/**
 * @param matches of one motif that are told of, best first
 * @param targets all known motifs, by id; those that are matched are stored
 */
export function addMatches(
  rows: MotifRows,
  matches: readonly MotifMatch[],
  targets: ReadonlyMap<string, ComparedMotif>,
): void {
  const [best] = matches
  if (best === undefined) return
  const motif = rows.motifs.find(({ name }) => name === best.queryId)!
  motif.naming = namingOf(motif.site_information, best.qValue)
  for (const match of matches) {
    if (rows.known_motifs.every(({ target_id }) => target_id !== match.targetId)) {
      const { id, name, ppm } = targets.get(match.targetId)!
      rows.known_motifs.push({ target_id: id, target_name: name, ppm: ppm.map((row) => [...row]) })
    }
    rows.motif_matches.push({
      motif_id: motif.motif_id,
      target_id: match.targetId,
      target_name: match.targetName,
      match_rank: match.matchRank,
      p_value: match.pValue,
      e_value: match.eValue,
      q_value: match.qValue,
      optimal_offset: match.optimalOffset,
      overlap: match.overlap,
      query_consensus: match.queryConsensus,
      target_consensus: match.targetConsensus,
      orientation: match.orientation,
    })
  }
}

/** What each clustering's largest motif is, a line each. */
export function largestMotifs({ clusterings, clusters, motifs, motif_matches }: MotifRows): string[] {
  return clusterings.flatMap(({ clustering_id, name, parts }) => {
    const motif = motifs.find((one) => one.clustering_id === clustering_id && one.cluster_id === 0)
    if (motif === undefined) return []
    const { size } = clusters.find((one) => one.clustering_id === clustering_id && one.cluster_id === 0)!
    const best = motif_matches.find((one) => one.motif_id === motif.motif_id && one.match_rank === 0)
    const clause = nameClause({
      naming: namingOf(motif.site_information, best?.q_value),
      siteInformation: motif.site_information,
      match:
        best === undefined
          ? undefined
          : {
              targetId: best.target_id,
              targetName: best.target_name,
              qValue: best.q_value,
              orientation: best.orientation,
            },
    })
    return [`${name}: the largest motif, ${motif.consensus} (${size} of ${parts} parts), ${clause}`]
  })
}

export function memeText(rows: MotifRows, matrix: MatrixKind, background: readonly number[]): string {
  const best = new Map(rows.motif_matches.filter((m) => m.match_rank === 0).map((m) => [m.motif_id, m]))
  return writeMemeMotifs(
    rows.motifs.map(({ motif_id, name, ppm, site_pfm, nsites, naming }) => ({
      id: name,
      alternateName: naming === 'named' ? best.get(motif_id)!.target_name.replace(/\s+/g, '_') : undefined,
      ppm: matrix === 'kept' ? ppm : ppmOf(site_pfm, nsites, background),
      nsites,
    })),
    background,
    matrixNote[matrix],
  )
}
