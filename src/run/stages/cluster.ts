/** Cluster: the patterns of every model, and of all jointly, grouped into motifs; motifs named by the known ones. */
import { setImmediate } from 'node:timers/promises'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import { readKnownMotifs } from '../../io/motifs/knownMotifs.ts'
import { writeMemeMotifs } from '../../io/motifs/memeMotifs.ts'
import { matchMotifsOneByOne } from '../../motif/compareMotifs.ts'
import { consensusOf } from '../../motif/consensus.ts'
import { findMotifs, type MotifSearch } from '../../motif/findMotifs.ts'
import { ppmOf } from '../../motif/motif.ts'
import { namingOf } from '../../motif/naming.ts'
import { motifSites } from '../../motif/sites.ts'
import type { MotifMatch } from '../../motif/tomtom.ts'
import { nameClause } from '../../report/parts.ts'
import type { SequenceSet } from '../../sequence/sequenceSet.ts'
import { readRows, readSequenceSet } from '../../store/tableReader.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import type { Row, TableName } from '../../store/tables.ts'
import { writeTable } from '../../store/tableWriter.ts'
import type { RunContext } from '../record/context.ts'
import { knownMotifsFile } from '../inputs/knownMotifs.ts'
import type { Stage } from '../record/stage.ts'

type Sis = Pick<Row<'sis'>, 'model_id' | 'sequence_id' | 'rank' | 'pattern' | 'positions'>

/** What is clustered: the patterns of one model, or of all. */
interface Scope {
  readonly name: string
  readonly id: number | null
}

type ClusterTable = 'clusterings' | 'clusters' | 'cluster_members' | 'motifs' | 'motif_matches'

/** Rows of the tables that this stage writes. */
type Rows = { readonly [T in ClusterTable]: Row<T>[] }

export async function clusterStage({ directory, config, reporter, signal }: RunContext): Promise<Stage> {
  const { method, eps, minSamples, k, reverseComplements, maxQValue } = config.cluster
  const { background } = config.extract
  const known = knownMotifsFile(config)
  const inputs = await tableFiles(directory.path, 'sis')
  const sequences = await tableFiles(directory.path, 'sequences')
  return {
    name: 'cluster',
    settings: {
      method,
      eps,
      minSamples,
      k,
      reverseComplements,
      maxQValue,
      seed: config.seed,
      background,
      models: config.models.map((model) => model.name),
    },
    inputs: () => [...inputs, ...sequences, known],
    async run() {
      const columns = ['model_id', 'sequence_id', 'rank', 'pattern', 'positions'] as const
      // An empty SIS has no pattern: the background gave the decision.
      const sis = await readRows(inputs, 'sis', columns, { where: 'NOT vacuous' })
      const codesOf = sequenceCodes(await readSequenceSet(directory.path))
      const rows: Rows = { clusterings: [], clusters: [], cluster_members: [], motifs: [], motif_matches: [] }
      const informative: (readonly boolean[])[] = [] // of the site columns of each motif
      const scopes: Scope[] = config.models.map((model, id) => ({ name: model.name, id }))
      // Models are compared by the clusters that their patterns share.
      if (scopes.length > 1) scopes.push({ name: 'joint', id: null })
      const task = reporter.task('clustering patterns', scopes.length)
      for (const [i, scope] of scopes.entries()) {
        signal.throwIfAborted()
        const members = sis.filter((row) => scope.id === null || row.model_id === scope.id)
        const search = findMotifs(
          members.map(({ pattern }, key) => ({ pattern, key })),
          {
            method,
            eps,
            minSamples,
            k,
            reverseComplements,
            seed: config.seed,
            background,
          },
        )
        informative.push(...addSearch(rows, scope, members, search, { method, codesOf, background }))
        task.update(i + 1, scope.name)
        await setImmediate() // lets signals through
      }
      task.end(`${rows.motifs.length} motifs`)

      const targets = readKnownMotifs(known, (note) => {
        reporter.warn(note)
      })
      const comparing = reporter.task('comparing motifs with known ones', rows.motifs.length)
      const motifOf = new Map(rows.motifs.map((motif) => [motif.name, motif]))
      // A factor is recognised by what its sites look like, of which an SIS may need but a part.
      const queries = rows.motifs.map(({ name, nsites, site_pfm }, i) => ({
        id: name,
        name,
        counts: site_pfm,
        nsites,
        informative: informative[i]!,
      }))
      let compared = 0
      for (const matches of matchMotifsOneByOne(queries, targets)) {
        for (const match of matches) addMatch(rows, motifOf.get(match.queryId)!, match, maxQValue)
        comparing.update(++compared)
        await setImmediate() // lets signals through
        signal.throwIfAborted()
      }
      comparing.end(`${targets.length} known motifs`)
      for (const line of largestMotifs(rows)) reporter.info(line)

      const outputs: string[] = []
      const at = (table: TableName): string => {
        outputs.push(directory.table(table, 'all'))
        return outputs.at(-1)!
      }
      await writeTable('clusterings', at('clusterings'), rows.clusterings)
      await writeTable('clusters', at('clusters'), rows.clusters)
      await writeTable('cluster_members', at('cluster_members'), rows.cluster_members)
      await writeTable('motifs', at('motifs'), rows.motifs)
      await writeTable('motif_matches', at('motif_matches'), rows.motif_matches)
      await writeFileAtomically(directory.motifs, memeText(rows, background))
      return {
        outputs: [...outputs, directory.motifs],
        details: { knownMotifs: known, clusterings: rows.clusterings },
      }
    },
  }
}

/** Adds a motif's best match, and further ones that are good enough. */
function addMatch(rows: Rows, motif: Row<'motifs'>, match: MotifMatch, maxQValue: number): void {
  if (match.matchRank === 0) motif.naming = namingOf(motif.site_information, match.qValue)
  if (match.matchRank > 0 && match.qValue > maxQValue) return
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

/** What each clustering's largest motif is, a line each. */
function largestMotifs({ clusterings, clusters, motifs, motif_matches }: Rows): string[] {
  return clusterings.flatMap(({ clustering_id, name, patterns }) => {
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
    return [`${name}: the largest motif, ${motif.consensus} (${size} of ${patterns} SIS), ${clause}`]
  })
}

interface SearchFacts {
  readonly method: string
  readonly codesOf: (sequenceId: number) => Uint8Array
  readonly background: readonly number[]
}

function sequenceCodes({ ids, codes, length }: SequenceSet): SearchFacts['codesOf'] {
  const rowOf = new Map<number, number>()
  ids.forEach((id, row) => rowOf.set(id, row))
  return (id) => {
    const row = rowOf.get(id)!
    return codes.subarray(row * length, (row + 1) * length)
  }
}

/** @returns which site columns of each motif are informative, in the order added */
function addSearch(
  rows: Rows,
  scope: Scope,
  members: readonly Sis[],
  search: MotifSearch,
  { method, codesOf, background }: SearchFacts,
): (readonly boolean[])[] {
  const informative: (readonly boolean[])[] = []
  const clustering_id = rows.clusterings.length
  rows.clusterings.push({
    clustering_id,
    name: scope.name,
    model_id: scope.id,
    method,
    parameters: JSON.stringify(search.parameters),
    patterns: members.length,
    noise: search.noise.length,
  })
  for (const { clusterId: cluster_id, size, medoid, members: placed, motif } of search.clusters) {
    rows.clusters.push({ clustering_id, cluster_id, size, medoid })
    for (const { key, strand, motifOffset } of placed) {
      const { model_id, sequence_id, rank } = members[key]!
      rows.cluster_members.push({
        clustering_id,
        cluster_id,
        model_id,
        sequence_id,
        rank,
        strand,
        motif_offset: motifOffset,
      })
    }
    const sites = motifSites(
      placed.map(({ key, strand, motifOffset }) => {
        const { sequence_id, positions } = members[key]!
        const [first, last] = [positions[0]!, positions.at(-1)!]
        return { codes: codesOf(sequence_id), first, last, strand, motifOffset }
      }),
      motif.ppm.length,
    )
    informative.push(sites.informative)
    rows.motifs.push({
      motif_id: rows.motifs.length,
      name: `${scope.name}_${cluster_id + 1}`,
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
      site_consensus: consensusOf(ppmOf(sites.pfm, placed.length, background)),
      site_information: sites.information,
      naming: 'not compared',
    })
  }
  return informative
}

function memeText(rows: Rows, background: readonly number[]): string {
  const best = new Map(rows.motif_matches.filter((m) => m.match_rank === 0).map((m) => [m.motif_id, m]))
  return writeMemeMotifs(
    rows.motifs.map(({ motif_id, name, ppm, nsites, naming }) => ({
      id: name,
      alternateName: naming === 'named' ? best.get(motif_id)!.target_name.replace(/\s+/g, '_') : undefined,
      ppm,
      nsites,
    })),
    background,
  )
}
