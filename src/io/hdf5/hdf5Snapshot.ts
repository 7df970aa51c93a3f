/** What the thread that reads HDF5 is asked, and what it answers: a whole file as plain values. */
import type { Hdf5Filter } from './hdf5Filters.ts'

export interface Hdf5Question {
  readonly bytes: Uint8Array
  /** Bytes of numbers that may be read. */
  readonly budget: number
  /** Of the paths that are read. */
  readonly read: RegExp
  /** Whether whole numbers are read too. */
  readonly integers: boolean
  readonly longestNameList: number
  readonly mostEntries: number
  /** Groups within groups; links in circles have no end. */
  readonly deepest: number
  /** The filters that each library reads, and which of them is LZF. */
  readonly filters: {
    readonly h5wasm: readonly number[]
    readonly jsfive: readonly number[]
    readonly lzf: number
  }
}

interface Fault {
  readonly fault: string
}

/** Texts; null where it is no text; the count where they are too many. */
export type Hdf5Attribute = readonly string[] | null | { readonly count: number } | Fault

export type Hdf5Entry =
  | {
      readonly kind: 'group'
      readonly names: readonly string[] | Fault
      readonly attributes: readonly (readonly [name: string, attribute: Hdf5Attribute])[] | Fault
    }
  | { readonly kind: 'dataset'; readonly shape: readonly number[]; readonly values: Float32Array }
  | { readonly kind: 'dataset'; readonly problem: 'type' }
  | { readonly kind: 'dataset'; readonly problem: 'size'; readonly shape: readonly number[] }
  | { readonly kind: 'dataset'; readonly problem: 'filter'; readonly filters: readonly Hdf5Filter[] }
  | { readonly kind: 'dataset'; readonly problem: 'unread'; readonly fault: string }
  | ({ readonly kind: 'dataset' } & Fault)
  | ({ readonly kind: 'fault' } & Fault)

/** Entries by path, without a slash at the beginning; the file itself is ''. */
export type Hdf5Answer = { readonly entries: readonly (readonly [path: string, entry: Hdf5Entry])[] } | Fault
