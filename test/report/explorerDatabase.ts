/** A made-up run for the tests of the explorer: its rows as plain values, and the database that holds them. */
import { Random } from '../../src/base/random.ts'
import { patternOf } from '../../src/sequence/pattern.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'
import { withDatabase, type Database } from '../../src/store/duckdb.ts'
import { createTable, tableNames } from '../../src/store/schema.ts'
import { sqlText } from '../../src/store/sqlText.ts'

export interface MadePart {
  readonly first: number
  readonly last: number
  readonly size: number
  /** motif_id of the model's clustering and of the joint one. */
  readonly motif: number | null
  readonly joint: number | null
  readonly strand: string | null
  readonly site: number | null
  readonly score: number | null
}

export interface MadeSis {
  readonly model: number
  readonly sequence: number
  readonly rank: number
  readonly positions: readonly number[]
  readonly scoreFull: number
  readonly scoreSis: number
  readonly scoreResidual: number
  readonly minimal: boolean
  readonly certified: boolean
  readonly recomputed: boolean
  readonly parts: readonly MadePart[]
  readonly set: number
}

export interface MadeSequence {
  readonly id: number
  readonly name: string
  readonly chrom: string | null
  readonly start: number | null
  readonly strand: string | null
  readonly sequence: string
  readonly label: number | null
  readonly split: string
  readonly planted: readonly { motif: string; strand: string; positions: readonly number[] }[]
}

export interface MadeRun {
  readonly sequences: readonly MadeSequence[]
  readonly sis: readonly MadeSis[]
}

const length = 40
const splits = ['train', 'valid', 'test']
export const threshold = 0.5

/** What must stay text. */
export const hostileNames = [
  '<img src=x onerror="document.title=1">',
  '</script><script>document.title=2</script>',
  `"double" 'single' & <b>bold</b>`,
  '\u202etxt.live\u202c',
  'a\ttab and a very-long-name-without-any-place-to-break-it-'.padEnd(150, 'x'),
]
export const modelNames = ['cnn', 'fc <i>']

/**
 * Sequences of 40 bases; the first have hostile names, every third no coordinates, the last no SIS at all. Motifs 0 and 1
 * are of model 0, 2 of model 1, 3 joint.
 */
export function madeRun(count: number): MadeRun {
  const random = new Random(7, 'explorer')
  const sequences: MadeSequence[] = []
  const sis: MadeSis[] = []
  for (let id = 0; id < count; id++) {
    const letters = Array.from({ length }, () => 'ACGT'[random.below(4)]!)
    if (id % 10 === 4) letters.fill('N', 3, 3 + (id % 7))
    sequences.push({
      id,
      name: hostileNames[id] ?? `seq${id}`,
      chrom: id % 3 === 2 ? null : `chr${1 + (id % 2)}`,
      start: id % 3 === 2 ? null : 1000 * ((id * 7) % count),
      strand: id % 3 === 2 ? null : id % 4 === 1 ? '-' : '+',
      sequence: letters.join(''),
      label: id % 5 === 4 ? null : id % 2,
      split: splits[id % 3]!,
      planted: id % 2 === 0 ? [] : [{ motif: '<u>GATA</u>', strand: '-', positions: [4, 5, 6, 9] }],
    })
    if (id === count - 1) continue
    for (const model of [0, 1]) {
      if (model === 1 && id % 2 === 1) continue
      const scoreFull = 0.5 + random.below(1024) / 2048
      const subsets = 1 + random.below(3)
      for (let rank = 0; rank < subsets; rank++) {
        const parts: MadePart[] = []
        const positions: number[] = []
        for (let first = rank * 12 + random.below(4); first < rank * 12 + 9 && parts.length < 2; first += 6) {
          const single = random.below(4) === 0
          const kept = single ? [first] : [first, first + 1, first + 3]
          positions.push(...kept)
          const inMotif = !single && random.below(3) > 0
          parts.push({
            first,
            last: kept.at(-1)!,
            size: kept.length,
            motif: !inMotif ? null : model === 1 ? 2 : random.below(2),
            joint: inMotif && random.below(2) === 0 ? 3 : null,
            strand: inMotif ? '+-'[random.below(2)]! : null,
            site: inMotif ? first - 2 : null,
            score: inMotif ? random.below(2000) / 100 - 2 : null,
          })
        }
        sis.push({
          model,
          sequence: id,
          rank,
          positions,
          scoreFull,
          scoreSis: 0.5 + random.below(1024) / 4096,
          scoreResidual: random.below(1024) / 1024,
          minimal: random.below(9) > 0,
          certified: random.below(9) > 0,
          recomputed: random.below(9) === 0,
          parts,
          // By what is in a motif: sets 0 to 2 of model 0, 3 to 5 of model 1.
          set: 3 * model + Math.min(2, parts.filter(({ motif }) => motif !== null).length),
        })
      }
    }
  }
  return {
    sequences,
    sis: sis.sort((a, b) => a.model - b.model || a.sequence - b.sequence || a.rank - b.rank),
  }
}

const text = (value: string | null): string => (value === null ? 'NULL' : sqlText(value))
const value = (of: number | null): string => (of === null ? 'NULL' : String(of))
const list = (items: readonly number[]): string => `[${items.join(', ')}]::INTEGER[]`

export async function withMadeRun<T>(
  { sequences, sis }: MadeRun,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  return withDatabase(undefined, {}, async (database) => {
    for (const name of tableNames) await database.run(createTable(name))
    const insert = async (into: string, rows: readonly string[]): Promise<void> => {
      for (let i = 0; i < rows.length; i += 500)
        await database.run(`INSERT INTO ${into} VALUES ${rows.slice(i, i + 500).join(', ')}`)
    }
    await insert(
      'sequences (sequence_id, name, chrom, start, "end", strand, sequence, label, split)',
      sequences.map(
        (s) =>
          `(${s.id}, ${text(s.name)}, ${text(s.chrom)}, ${value(s.start)}, ${value(s.start === null ? null : s.start + length)}, ${text(s.strand)}, ${text(s.sequence)}, ${value(s.label)}, ${text(s.split)})`,
      ),
    )
    await insert(
      'truth',
      sequences.flatMap(({ id, planted }) =>
        planted.map(
          ({ motif, strand, positions }, site) =>
            `(${id}, ${site}, ${text(motif)}, '${strand}', ${positions[0]!}, ${list(positions)})`,
        ),
      ),
    )
    await insert(
      `models (model_id, name, architecture, output, output_name, direction, threshold, background, score_masked, model_hash)`,
      modelNames.map(
        (name, id) =>
          `(${id}, ${text(name)}, 'cnn', 0, 'bound', '>=', ${threshold}, [0.25, 0.25, 0.25, 0.25], 0.125, '00')`,
      ),
    )
    await insert(
      'sis',
      sis.map(
        (s) =>
          `(${s.model}, ${s.sequence}, ${s.rank}, ${list(s.positions)}, ${s.positions.length}, ${text(patternOf(encodeSequence(sequences[s.sequence]!.sequence), s.positions))}, ${s.scoreFull}e0, ${s.scoreSis}e0, ${s.scoreResidual}e0, 0.125, ${s.minimal}, ${s.certified}, false, ${s.recomputed})`,
      ),
    )
    await insert('clusterings', [
      `(0, 'cnn', 0, 'dbscan', '{}', 5, 2, 1)`,
      `(1, 'fc', 1, 'dbscan', '{}', 5, 2, 1)`,
      `(2, 'joint', NULL, 'dbscan', '{}', 5, 2, 1)`,
    ])
    await insert('clusters', [
      "(0, 0, 3, 'AC', 0.9)",
      "(0, 1, 3, 'AC', 0.9)",
      "(1, 0, 3, 'AC', 0.9)",
      "(2, 0, 3, 'AC', 0.9)",
    ])
    const matrix = `[${Array.from({ length: 8 }, () => '[3, 0, 0, 0]').join(', ')}]`
    await insert(
      `motifs (motif_id, name, model_id, clustering_id, cluster_id, nsites, width, consensus, information, pfm, ppm, site_pfm,
         site_offset, site_consensus, site_information, palindrome, clusters_merged, naming)`,
      [
        ['cnn_1', 0, 0, 0],
        ['cnn_2', 0, 0, 1],
        ['fc_1', 1, 1, 0],
        ['joint_1', null, 2, 0],
      ].map(
        ([name, model, clustering, cluster], id) =>
          `(${id}, '${String(name)}', ${value(model as number | null)}, ${Number(clustering)}, ${Number(cluster)}, 3, 8, 'AAAAAAAA', 3.5, ${matrix}, ${matrix.replaceAll('3', '1')}, ${matrix}, 0, 'AAAAAAAA', 7.5, false, 1, 'unlike')`,
      ),
    )
    await insert(
      'sis_parts',
      sis.flatMap((s) =>
        s.parts.map(
          (p, part) =>
            `(${s.model}, ${s.sequence}, ${s.rank}, ${part}, ${p.first}, ${p.last}, ${p.size}, 'A', ${value(p.motif)}, ${text(p.strand)}, ${value(p.site)}, ${value(p.site === null ? null : p.site + 8)}, ${value(p.score)})`,
        ),
      ),
    )
    await insert(
      'cluster_members (clustering_id, cluster_id, model_id, sequence_id, rank, part, strand, motif_offset, adopted)',
      sis.flatMap((s) =>
        s.parts.flatMap((p, part) => [
          ...(p.motif === null
            ? []
            : [
                `(${p.motif === 2 ? 1 : 0}, ${p.motif === 1 ? 1 : 0}, ${s.model}, ${s.sequence}, ${s.rank}, ${part}, '+', 0, false)`,
              ]),
          ...(p.joint === null
            ? []
            : [`(2, 0, ${s.model}, ${s.sequence}, ${s.rank}, ${part}, '+', 0, false)`]),
        ]),
      ),
    )
    await insert(
      'motif_sets (set_id, model_id, name, label, motifs, sis, share, sequences, complete)',
      Array.from(
        { length: 6 },
        (_, set) =>
          `(${set}, ${Math.floor(set / 3)}, 'set ${set}', 'label ${set}', []::INTEGER[], ${10 - set}, 0.1, 1, 1)`,
      ),
    )
    await insert(
      'sis_sets',
      sis.map((s) => `(${s.model}, ${s.sequence}, ${s.rank}, ${s.set}, 0, 0)`),
    )
    return use(database)
  })
}
