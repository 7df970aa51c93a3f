/** What the reader has chosen, and which rows, SIS and parts that leaves. Pure: no element is touched here. */
import { isFalsePositive, type ExplorerColumns } from './explorerData.ts'

/** Each undefined: all. */
export interface Filters {
  /** Index of the model. */
  readonly model?: number
  /** Index of the motif. */
  readonly motif?: number
  /** Index of the set. */
  readonly set?: number
  readonly split?: number
  /** Index of the chromosome. */
  readonly chrom?: number
  readonly scoreFrom?: number
  readonly scoreTo?: number
  readonly label?: LabelFilter
  /** SIS of the sequence, at least. */
  readonly subsets?: number
  /** Part of the name, in any case. */
  readonly name?: string
}

export const labelFilters = ['positive', 'negative', 'unlabelled', 'false'] as const
/** `false`: the label says otherwise than the decision. */
export type LabelFilter = (typeof labelFilters)[number]

/** What the filters leave. */
export interface Selection {
  /** Rows, in their order. */
  readonly rows: Uint32Array
  /** 1 where an SIS is selected. */
  readonly sis: Uint8Array // [SIS]
  readonly sisCount: number
  readonly sequenceCount: number
  readonly falsePositives: number
  /** SIS that have each motif; of the joint clustering too. */
  readonly sisOfMotif: Uint32Array // [motifs]
  readonly rowsOfSplit: Uint32Array // [splits]
  readonly rowsOfChrom: Uint32Array // [chromosomes]
}

/** A row is selected where it passes what is said of rows and has an SIS that passes what is said of SIS. */
export function selectRows(columns: ExplorerColumns, filters: Filters): Selection {
  const { index, sequences, rows, sis, parts } = columns
  const { set, motif } = filters
  const passes = rowTest(columns, filters)
  const found = new Uint32Array(rows.count)
  const chosen = new Uint8Array(sis.count)
  const seen = new Uint8Array(sequences.count)
  const sisOfMotif = new Uint32Array(index.motifs.length)
  const lastSis = new Int32Array(index.motifs.length).fill(-1)
  const rowsOfSplit = new Uint32Array(index.splits.length)
  const rowsOfChrom = new Uint32Array(index.chromosomes.length)
  let rowCount = 0
  let sisCount = 0
  let sequenceCount = 0
  let falsePositives = 0
  const hasMotif = (subset: number): boolean => {
    for (let part = sis.first[subset]!; part < sis.first[subset + 1]!; part++) {
      if (parts.motif[part] === motif! + 1 || parts.joint[part] === motif! + 1) return true
    }
    return false
  }
  const countMotif = (subset: number, place: number): void => {
    if (place < 0 || lastSis[place] === subset) return
    lastSis[place] = subset
    sisOfMotif[place]!++
  }
  for (let row = 0; row < rows.count; row++) {
    if (!passes(row)) continue
    let some = false
    for (let subset = rows.first[row]!; subset < rows.first[row + 1]!; subset++) {
      if (set !== undefined && sis.set[subset] !== set + 1) continue
      if (motif !== undefined && !hasMotif(subset)) continue
      chosen[subset] = 1
      sisCount++
      some = true
      for (let part = sis.first[subset]!; part < sis.first[subset + 1]!; part++) {
        countMotif(subset, parts.motif[part]! - 1)
        countMotif(subset, parts.joint[part]! - 1)
      }
    }
    if (!some) continue
    found[rowCount++] = row
    const sequence = rows.sequence[row]!
    if (seen[sequence] === 0) sequenceCount++
    seen[sequence] = 1
    if (isFalsePositive(columns, row)) falsePositives++
    rowsOfSplit[sequences.split[sequence]!]!++
    if (sequences.chrom[sequence]! > 0) rowsOfChrom[sequences.chrom[sequence]! - 1]!++
  }
  return {
    rows: found.slice(0, rowCount),
    sis: chosen,
    sisCount,
    sequenceCount,
    falsePositives,
    sisOfMotif,
    rowsOfSplit,
    rowsOfChrom,
  }
}

function rowTest(columns: ExplorerColumns, filters: Filters): (row: number) => boolean {
  const { sequences, rows } = columns
  const { model, split, chrom, scoreFrom = -Infinity, scoreTo = Infinity, label, subsets = 1 } = filters
  const name = filters.name?.toLowerCase()
  const named =
    name === undefined ? undefined : sequences.name.map((text) => text.toLowerCase().includes(name))
  return (row) => {
    if (model !== undefined && rows.model[row] !== model) return false
    const score = rows.score[row]!
    if (score < scoreFrom || score > scoreTo) return false
    if (rows.first[row + 1]! - rows.first[row]! < subsets) return false
    const sequence = rows.sequence[row]!
    if (split !== undefined && sequences.split[sequence] !== split) return false
    if (chrom !== undefined && sequences.chrom[sequence] !== chrom + 1) return false
    if (named !== undefined && !named[sequence]!) return false
    if (label === undefined) return true
    switch (label) {
      case 'positive':
        return rows.label[row] === 1
      case 'negative':
        return rows.label[row] === 0
      case 'unlabelled':
        return rows.label[row] === 2
      case 'false':
        return isFalsePositive(columns, row)
    }
  }
}

/** The parts of the selected SIS that are in a motif, in their order. */
export function partsOfMotif(
  { parts }: ExplorerColumns,
  { sis }: Pick<Selection, 'sis'>,
  motif: number,
): Uint32Array {
  const found = new Uint32Array(parts.count)
  let count = 0
  for (let part = 0; part < parts.count; part++) {
    if (sis[parts.sis[part]!] === 0) continue
    if (parts.motif[part] === motif + 1 || parts.joint[part] === motif + 1) found[count++] = part
  }
  return found.slice(0, count)
}
