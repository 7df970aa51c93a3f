/** The motifs of a run, by the matrix that other tools shall have: of the bases that SIS keep, or of the sequences' own. */
import { ppmOf } from '../../motif/motif.ts'
import { wholeCounts } from '../../motif/wholeCounts.ts'
import type { Matrix } from '../../sequence/matrix.ts'
import { sqlText } from '../../store/sqlText.ts'
import { readRows } from '../../store/tableReader.ts'

/** `kept`: of the bases that the SIS keep, as in motifs.sis.meme; `sites`: of the sequences' own bases at the sites, as in motifs.meme. */
export const matrixKinds = ['kept', 'sites'] as const
export type MatrixKind = (typeof matrixKinds)[number]

/** What stands in the head of a MEME file, and in each record of a TRANSFAC file. */
export const matrixNote: Readonly<Record<MatrixKind, string>> = {
  sites: "Matrices of the sequences' own bases at the motifs' sites (for scanning and comparing)",
  kept: 'Matrices of the bases that the sufficient input subsets keep; a masked base counts as the background',
}

export interface MotifSelection {
  readonly matrix: MatrixKind
  /** Only of this clustering: a model's name, or `joint`. */
  readonly clustering?: string | undefined
  /** What a masked base becomes, which stands for bases that a member does not have. */
  readonly background: readonly number[]
}

export interface ExportedMotif {
  /** Unique. */
  readonly id: string
  /** Of the factor that names it, without white space; undefined where none does. */
  readonly name: string | undefined
  readonly nsites: number
  readonly ppm: Matrix // [width][4]
  /** Whole numbers, rows sum to `nsites`. */
  readonly counts: Matrix // [width][4]
}

/** In the order of the table. */
export async function exportedMotifs(
  runDirectory: string,
  { matrix, clustering, background }: MotifSelection,
): Promise<ExportedMotif[]> {
  const columns = [
    'motif_id',
    'name',
    'nsites',
    'consensus',
    'pfm',
    'ppm',
    'site_pfm',
    'site_consensus',
    'naming',
  ] as const
  const rows = await readRows(
    runDirectory,
    'motifs',
    columns,
    clustering === undefined
      ? {}
      : { where: `clustering_id = ${await clusteringId(runDirectory, clustering)}` },
  )
  const factors = await factorsOf(runDirectory)
  return rows.map(({ motif_id, name, nsites, naming, ...row }) => {
    const pfm = matrix === 'kept' ? row.pfm : row.site_pfm
    return {
      id: name,
      name: naming === 'named' ? factors.get(motif_id) : undefined,
      nsites,
      ppm: matrix === 'kept' ? row.ppm : ppmOf(pfm, nsites, background),
      counts: wholeCounts(pfm, nsites, background),
    }
  })
}

async function clusteringId(runDirectory: string, name: string): Promise<number> {
  const [found] = await readRows(runDirectory, 'clusterings', ['clustering_id'], {
    where: `name = ${sqlText(name)}`,
  })
  return found!.clustering_id
}

/** Names of the best matches, without white space. */
async function factorsOf(runDirectory: string): Promise<ReadonlyMap<number, string>> {
  const matches = await readRows(
    runDirectory,
    'motif_matches',
    ['motif_id', 'target_id', 'target_name'] as const,
    { where: 'match_rank = 0' },
  )
  return new Map(
    matches.map(({ motif_id, target_id, target_name }) => [
      motif_id,
      (target_name === '' ? target_id : target_name).replace(/\s+/g, '_'),
    ]),
  )
}
