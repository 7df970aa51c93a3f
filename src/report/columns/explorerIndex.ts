/**
 * What the page's script knows before it unpacks anything: the names that columns refer to, and where each column lies.
 * The columns themselves:
 *
 * - `core`, of sequences: `name` text, `order` count (rank by name), `length` count, `chrom` count (0: none, else index + 1),
 *   `start` rising, `strand` bytes (codes of `strandLetters`), `split` bytes. Of rows (a sequence under a model, by model,
 *   then sequence): `model` bytes (index), `sequence` rising (index), `score` real, `label` bytes (0, 1, or 2: none),
 *   `subsets` count. Of SIS (by row): `rank` count, `size` count, `set` count (0: none, else index + 1), `flags` bytes (see
 *   `sisFlags`), `scoreSis` real, `scoreResidual` real, `parts` count. Of parts (by SIS): `first` count, `span` count (last -
 *   first), `kept` count, `motif` count and `joint` count (0: none, else index + 1), `turn` bytes (codes of `strandLetters`),
 *   `site` rising (0 where there is none), `siteScore` signed (hundredths of a bit).
 * - `positions`, of SIS: `gaps` count (of each kept base: bases skipped since the one before, of the first: its position).
 * - `bases`, of sequences without a gap between them: `codes` bytes (four bases a byte, the first lowest), `unknown` count
 *   (of each run of N: bases since the last run's end, length).
 * - `truth`, of sequences: `sites` count; of sites: `factor` count (index), `turn` bytes, `size` count; of planted positions:
 *   `place` rising.
 * - `curves`, of rows: `steps` count (0: not kept); of steps: `masked` count (position), `after` real (score after).
 */
import type { BlockHeader } from './blockFormat.ts'

/** By code; 0 is no strand. */
export const strandLetters = ['', '+', '-'] as const

/** Bits of `flags`. */
export const sisFlags = { minimal: 1, certified: 2, recomputed: 4 } as const

export const blockNames = ['core', 'positions', 'bases', 'truth', 'curves'] as const
export type BlockName = (typeof blockNames)[number]

export interface ExplorerIndex {
  readonly models: readonly ExplorerModel[]
  /** Of the models' own clusterings and of the joint one. */
  readonly motifs: readonly ExplorerMotif[]
  readonly sets: readonly ExplorerSet[]
  readonly chromosomes: readonly string[]
  readonly splits: readonly string[]
  /** Names of planted motifs. */
  readonly planted: readonly string[]
  /** Sequences explained and SIS, in the run and in the page: of a very large run the page holds a sample. */
  readonly whole: Extent
  readonly held: Extent
  /** UCSC's name of the genome, e.g. hg38; null where the sequences have no coordinates or it is not known. */
  readonly genome: string | null
  readonly blocks: Readonly<Record<BlockName, BlockHeader>>
}

export interface Extent {
  readonly sequences: number
  readonly sis: number
}

interface ExplorerModel {
  readonly modelId: number
  readonly name: string
  readonly direction: '>=' | '<='
  readonly threshold: number
  /** f(all masked) */
  readonly scoreMasked: number
  /** Whether colours are those of motifs; else of the SIS. */
  readonly byParts: boolean
}

interface ExplorerMotif {
  readonly motifId: number
  /** Unique, e.g. cnn_1. */
  readonly name: string
  readonly label: string
  /** Index of its model; -1: of the joint clustering. */
  readonly model: number
  /** 0 is the largest of its clustering: the motif's colour. */
  readonly order: number
  /** Columns of its sites. */
  readonly width: number
}

interface ExplorerSet {
  /** Index of its model. */
  readonly model: number
  /** Unique within a model, e.g. cnn_1 + cnn_2; empty where no part is in a motif. */
  readonly name: string
  readonly label: string
}
