/** The columns of the explorer as typed arrays, with where the SIS of a row and the parts of an SIS lie. */
import { strandLetters, type ExplorerIndex } from '../columns/explorerIndex.ts'
import type { Block } from '../columns/unpackBlock.ts'

export interface SequenceColumns {
  readonly count: number
  readonly name: readonly string[]
  /** Rank by name. */
  readonly order: Uint32Array
  readonly length: Uint32Array
  /** 0: none, else index + 1. */
  readonly chrom: Uint32Array
  readonly start: Int32Array
  readonly strand: Uint8Array
  readonly split: Uint8Array
}

/** A row is a sequence under a model that explains it. */
interface RowColumns {
  readonly count: number
  readonly model: Uint8Array
  readonly sequence: Int32Array
  readonly score: Float32Array
  /** 0, 1, or 2: none. */
  readonly label: Uint8Array
  /** SIS of row i are [first[i], first[i + 1]). */
  readonly first: Uint32Array // [count + 1]
}

interface SisColumns {
  readonly count: number
  readonly row: Uint32Array
  readonly rank: Uint32Array
  readonly size: Uint32Array
  /** 0: none, else index + 1. */
  readonly set: Uint32Array
  readonly flags: Uint8Array
  readonly scoreSis: Float32Array
  readonly scoreResidual: Float32Array
  /** Parts of SIS i are [first[i], first[i + 1]). */
  readonly first: Uint32Array // [count + 1]
}

interface PartColumns {
  readonly count: number
  readonly sis: Uint32Array
  readonly first: Uint32Array
  readonly span: Uint32Array
  readonly kept: Uint32Array
  /** 0: none, else index + 1; of the model's own clustering and of the joint one. */
  readonly motif: Uint32Array
  readonly joint: Uint32Array
  readonly turn: Uint8Array
  readonly site: Int32Array
  /** Hundredths of a bit. */
  readonly siteScore: Int32Array
}

export interface ExplorerColumns {
  readonly index: ExplorerIndex
  readonly sequences: SequenceColumns
  readonly rows: RowColumns
  readonly sis: SisColumns
  readonly parts: PartColumns
}

/** @param core the block that everything but letters and positions is in */
export function readColumns(index: ExplorerIndex, core: Block): ExplorerColumns {
  const name = core.column('name', 'text')
  const model = core.column('model', 'bytes')
  const rank = core.column('rank', 'count')
  const partMotif = core.column('motif', 'count')
  const firstSis = starts(core.column('subsets', 'count'))
  const firstPart = starts(core.column('parts', 'count'))
  return {
    index,
    sequences: {
      count: name.length,
      name,
      order: core.column('order', 'count'),
      length: core.column('length', 'count'),
      chrom: core.column('chrom', 'count'),
      start: core.column('start', 'rising'),
      strand: core.column('strand', 'bytes'),
      split: core.column('split', 'bytes'),
    },
    rows: {
      count: model.length,
      model,
      sequence: core.column('sequence', 'rising'),
      score: core.column('score', 'real'),
      label: core.column('label', 'bytes'),
      first: firstSis,
    },
    sis: {
      count: rank.length,
      row: owners(firstSis),
      rank,
      size: core.column('size', 'count'),
      set: core.column('set', 'count'),
      flags: core.column('flags', 'bytes'),
      scoreSis: core.column('scoreSis', 'real'),
      scoreResidual: core.column('scoreResidual', 'real'),
      first: firstPart,
    },
    parts: {
      count: partMotif.length,
      sis: owners(firstPart),
      first: core.column('first', 'count'),
      span: core.column('span', 'count'),
      kept: core.column('kept', 'count'),
      motif: partMotif,
      joint: core.column('joint', 'count'),
      turn: core.column('turn', 'bytes'),
      site: core.column('site', 'rising'),
      siteScore: core.column('siteScore', 'signed'),
    },
  }
}

/** [n + 1]: where the i-th of lists of these lengths begins, one behind the other. */
export function starts(lengths: Uint32Array): Uint32Array {
  const first = new Uint32Array(lengths.length + 1)
  for (let i = 0; i < lengths.length; i++) first[i + 1] = first[i]! + lengths[i]!
  return first
}

/** Of each item of the lists, the list that it is in. */
function owners(first: Uint32Array): Uint32Array {
  const owner = new Uint32Array(first.at(-1)!)
  for (let i = 0, at = 0; i + 1 < first.length; i++) while (at < first[i + 1]!) owner[at++] = i
  return owner
}

/** How far a row's score lies on the decision's side of τ. */
export function marginOf({ index, rows }: ExplorerColumns, row: number): number {
  const { direction, threshold } = index.models[rows.model[row]!]!
  const margin = rows.score[row]! - threshold
  return direction === '>=' ? margin : -margin
}

/** Whether the label says otherwise than the decision. */
export function isFalsePositive({ index, rows }: ExplorerColumns, row: number): boolean {
  const label = rows.label[row]!
  if (label === 2) return false
  return (label === 1) !== (index.models[rows.model[row]!]!.direction === '>=')
}

/** A strand as people read it, with a true minus sign. */
export function strandText(code: number): string {
  return strandLetters[code] === '-' ? '−' : (strandLetters[code] ?? '')
}
