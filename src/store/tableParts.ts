/** What tables are defined with: the types of their columns, and the keys by which they refer to each other. */

export const integer = { sql: 'INTEGER', nullable: false } as const
export const real = { sql: 'REAL', nullable: false } as const // float32, as scores are
export const double = { sql: 'DOUBLE', nullable: false } as const
export const text = { sql: 'VARCHAR', nullable: false } as const
export const boolean = { sql: 'BOOLEAN', nullable: false } as const
export const integers = { sql: 'INTEGER[]', nullable: false } as const
/** A sequence can lack some of its labels. */
export const labelList = { sql: 'INTEGER[]', nullable: true, nullableItems: true } as const
/** float32 */
export const reals = { sql: 'REAL[]', nullable: false } as const
export const doubles = { sql: 'DOUBLE[]', nullable: false } as const
export const matrix = { sql: 'DOUBLE[][]', nullable: false } as const

export interface Column {
  readonly sql:
    'INTEGER' | 'REAL' | 'DOUBLE' | 'VARCHAR' | 'BOOLEAN' | 'INTEGER[]' | 'REAL[]' | 'DOUBLE[]' | 'DOUBLE[][]'
  readonly nullable: boolean
  readonly nullableItems?: boolean
}

export function optional<C extends Column>(column: C): { readonly sql: C['sql']; readonly nullable: true } {
  return { ...column, nullable: true }
}

export interface ForeignKey {
  readonly columns: readonly string[]
  readonly table: string
}

export interface Table {
  readonly columns: Readonly<Record<string, Column>>
  readonly primaryKey: readonly string[]
  /** Refers to the other table's columns of the same names. */
  readonly foreignKeys: readonly ForeignKey[]
}

export function table<C extends Record<string, Column>>(
  columns: C,
  primaryKey: readonly (keyof C & string)[],
  foreignKeys: readonly ForeignKey[] = [],
) {
  return { columns, primaryKey, foreignKeys }
}

export const ofSequence: ForeignKey = { columns: ['sequence_id'], table: 'sequences' }
export const ofModel: ForeignKey = { columns: ['model_id'], table: 'models' }
export const ofSis: ForeignKey = { columns: ['model_id', 'sequence_id', 'rank'], table: 'sis' }
export const ofPart: ForeignKey = { columns: ['model_id', 'sequence_id', 'rank', 'part'], table: 'sis_parts' }
export const ofSet: ForeignKey = { columns: ['set_id'], table: 'motif_sets' }
export const ofPair: ForeignKey = { columns: ['pair_id'], table: 'motif_pairs' }
export const ofCluster: ForeignKey = { columns: ['clustering_id', 'cluster_id'], table: 'clusters' }
export const ofMotif: ForeignKey = { columns: ['motif_id'], table: 'motifs' }
export const ofKnownMotif: ForeignKey = { columns: ['target_id'], table: 'known_motifs' }

interface SqlTypes {
  INTEGER: number
  REAL: number
  DOUBLE: number
  VARCHAR: string
  BOOLEAN: boolean
  'INTEGER[]': readonly number[]
  'REAL[]': readonly number[]
  'DOUBLE[]': readonly number[]
  'DOUBLE[][]': readonly (readonly number[])[]
}

/** What a row holds in a column. */
export type Value<C extends Column> = C extends { nullableItems: true }
  ? readonly (number | null)[] | null
  : C['nullable'] extends true
    ? SqlTypes[C['sql']] | null
    : SqlTypes[C['sql']]
