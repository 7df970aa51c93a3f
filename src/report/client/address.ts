/** What the reader has chosen as the part of the address behind #, so that a filtered view can be sent to somebody. */
import type { ExplorerIndex } from '../columns/explorerIndex.ts'
import { labelFilters, type Filters } from './filters.ts'
import { rowKeys, type SortOrder } from './sorting.ts'

export interface View {
  readonly filters: Filters
  readonly sort: SortOrder
  /** Name of the sequence whose details are shown, and the index of the model. */
  readonly open?: { readonly name: string; readonly model: number }
}

export const firstSort: SortOrder = { key: 'margin', descending: true }

/** Addresses that are views begin with this; others are headings. */
const prefix = '#view?'

/** @returns without filters '', so that the address is that of the page */
export function addressOf({ filters, sort, open }: View, index: ExplorerIndex): string {
  const words = new URLSearchParams()
  const { model, motif, set, split, chrom } = filters
  if (model !== undefined) words.set('model', index.models[model]!.name)
  if (motif !== undefined) words.set('motif', index.motifs[motif]!.name)
  if (set !== undefined) words.set('set', setWord(index, set))
  if (split !== undefined) words.set('split', index.splits[split]!)
  if (chrom !== undefined) words.set('chrom', index.chromosomes[chrom]!)
  for (const key of ['scoreFrom', 'scoreTo', 'label', 'subsets', 'name'] as const) {
    const value = filters[key]
    if (value !== undefined) words.set(key, String(value))
  }
  if (sort.key !== firstSort.key || sort.descending !== firstSort.descending)
    words.set('sort', `${sort.descending ? '-' : ''}${sort.key}`)
  if (open !== undefined) {
    words.set('open', open.name)
    words.set('by', index.models[open.model]!.name)
  }
  const text = words.toString()
  return text === '' ? '' : prefix + text
}

/** @returns undefined where the address is not of a view; what it says of things that the page does not have is left out */
export function viewOf(address: string, index: ExplorerIndex): View | undefined {
  if (!address.startsWith(prefix)) return undefined
  const words = new URLSearchParams(address.slice(prefix.length))
  const place = (word: string, names: readonly string[]): number | undefined => {
    const found = names.indexOf(words.get(word) ?? '\0')
    return found < 0 ? undefined : found
  }
  const number = (word: string): number | undefined => {
    const text = words.get(word)
    return text === null || text.trim() === '' || !Number.isFinite(Number(text)) ? undefined : Number(text)
  }
  const models = index.models.map(({ name }) => name)
  const sort = words.get('sort') ?? ''
  const key = rowKeys.find((name) => name === sort.replace(/^-/, ''))
  const openName = words.get('open')
  const openModel = place('by', models)
  const label = labelFilters.find((name) => name === words.get('label'))
  return {
    filters: withoutUndefined({
      model: place('model', models),
      motif: place(
        'motif',
        index.motifs.map(({ name }) => name),
      ),
      set: place(
        'set',
        index.sets.map((_, set) => setWord(index, set)),
      ),
      split: place('split', index.splits),
      chrom: place('chrom', index.chromosomes),
      scoreFrom: number('scoreFrom'),
      scoreTo: number('scoreTo'),
      label,
      subsets: number('subsets'),
      name: words.get('name') ?? undefined,
    }),
    sort: key === undefined ? firstSort : { key, descending: sort.startsWith('-') },
    ...(openName === null || openModel === undefined ? {} : { open: { name: openName, model: openModel } }),
  }
}

function setWord({ models, sets }: ExplorerIndex, set: number): string {
  const { model, name } = sets[set]!
  return `${models[model]!.name}: ${name}`
}

type Changes = { readonly [K in keyof Filters]: Filters[K] | undefined }

/** @returns the filters with these changed; undefined takes one away */
export function changed(filters: Filters, changes: Changes): Filters {
  return withoutUndefined({ ...filters, ...changes })
}

function withoutUndefined(changes: Changes): Filters {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}
