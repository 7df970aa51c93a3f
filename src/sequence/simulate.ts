/** Simulated sequences with known truth: a grammar's elements planted in its background, each site recorded. */
import { ConfigError } from '../base/errors.ts'
import { Random } from '../base/random.ts'
import { baseCount, complement } from './alphabet.ts'
import { consensusToPpm } from './iupac.ts'
import { informationContent, informativeBits, type Matrix } from './matrix.ts'
import type { Grammar, GrammarBackground, GrammarClass, GrammarElement, GrammarMotif } from './grammar.ts'

const placementAttempts = 1000

export interface PlantedSite {
  /** Name of the motif in the grammar. */
  readonly motif: string
  readonly strand: '+' | '-'
  /** First base of the site on the sequence, 0-based. */
  readonly start: number
  /** Bases in informative columns (`informativeBits`), ascending, 0-based on the sequence. */
  readonly positions: readonly number[]
}

export interface SimulatedSequence {
  /** Class and number within it, e.g. `both_17` (1-based). */
  readonly name: string
  readonly codes: Uint8Array // [length]
  readonly labels: readonly number[]
  /** From left to right, none overlapping; decoys (scrambled or mutated) are not among them. */
  readonly sites: readonly PlantedSite[]
}

/** A motif instance with its place inside its element. */
interface Part {
  readonly motif: string
  readonly strand: '+' | '-'
  readonly codes: Uint8Array
  readonly informative: readonly number[]
  readonly decoy: boolean
  offset: number
}

/** An element as drawn for one sequence: parts in order, left to right. */
interface Block {
  readonly parts: readonly Part[]
  readonly width: number
  readonly placement: GrammarElement['placement']
}

/**
 * Sequences of all classes in an order drawn at random; the same grammar and seed give the same sequences.
 * Throws ConfigError where a motif is not in `knownMotifs` or the elements of a class do not fit into the length.
 * @param knownMotifs ppm [width][4] by name, for motifs that the grammar takes from a file of known motifs
 */
export function* simulate(
  grammar: Grammar,
  seed: number,
  knownMotifs: ReadonlyMap<string, Matrix> = new Map(),
): Generator<SimulatedSequence, void, undefined> {
  const motifs = new Map(
    Object.entries(grammar.motifs).map(([name, motif]) => [name, motifPpm(name, motif, knownMotifs)]),
  )
  const order = new Random(seed, 'simulate', 'order').shuffle(
    Uint16Array.from(grammar.classes.flatMap((kind, i) => new Array<number>(kind.count).fill(i))),
  )
  const randoms = grammar.classes.map((kind) => new Random(seed, 'simulate', kind.name))
  const done = grammar.classes.map(() => 0)
  for (const classIndex of order) {
    const kind = grammar.classes[classIndex]!
    const number = ++done[classIndex]!
    yield simulateOne(grammar, kind, number, motifs, randoms[classIndex]!)
  }
}

function motifPpm(name: string, motif: GrammarMotif, knownMotifs: ReadonlyMap<string, Matrix>): Matrix {
  if ('consensus' in motif) return consensusToPpm(motif.consensus)
  if ('ppm' in motif) return motif.ppm
  const known = knownMotifs.get(motif.meme)
  if (known !== undefined) return known
  throw new ConfigError(
    `the grammar's motif '${name}' is '${motif.meme}', which is not among the ${knownMotifs.size} known motifs given`,
  )
}

function simulateOne(
  grammar: Grammar,
  kind: GrammarClass,
  number: number,
  motifs: ReadonlyMap<string, Matrix>,
  random: Random,
): SimulatedSequence {
  const codes = drawBackground(kind.background ?? grammar.background, grammar.length, random)
  const blocks = kind.elements.flatMap((element) => drawBlocks(element, motifs, random))
  const starts = placeBlocks(blocks, grammar, kind, random)
  const sites: PlantedSite[] = []
  for (const [i, block] of blocks.entries()) {
    for (const part of block.parts) {
      const start = starts[i]! + part.offset
      codes.set(part.codes, start)
      if (part.decoy) continue
      const positions = part.informative.map((column) => start + column)
      sites.push({ motif: part.motif, strand: part.strand, start, positions })
    }
  }
  sites.sort((a, b) => a.start - b.start)
  return { name: `${kind.name}_${number}`, codes, labels: kind.labels, sites }
}

function drawBackground(background: GrammarBackground, length: number, random: Random): Uint8Array {
  const codes = new Uint8Array(length)
  if ('transitions' in background) {
    const rows = background.transitions
    // The first base starts where the chain has settled.
    let code = random.below(baseCount)
    for (let i = 0; i < 20; i++) code = random.weighted(rows[code]!)
    for (let i = 0; i < length; i++) {
      codes[i] = code
      code = random.weighted(rows[code]!)
    }
    return codes
  }
  const weights =
    'gc' in background
      ? [(1 - background.gc) / 2, background.gc / 2, background.gc / 2, (1 - background.gc) / 2]
      : background.frequencies
  for (let i = 0; i < length; i++) codes[i] = random.weighted(weights)
  return codes
}

function drawNumber(value: number | readonly [number, number], random: Random): number {
  return typeof value === 'number' ? value : value[0] + random.below(value[1] - value[0] + 1)
}

function drawStrand(strand: '+' | '-' | 'either', random: Random): '+' | '-' {
  if (strand !== 'either') return strand
  return random.below(2) === 0 ? '+' : '-'
}

function drawBlocks(element: GrammarElement, motifs: ReadonlyMap<string, Matrix>, random: Random): Block[] {
  if (random.uniform() >= element.probability) return []
  const copies = drawNumber(element.copies, random)
  return Array.from({ length: copies }, () => {
    const strand = drawStrand(element.strand, random)
    const members = 'group' in element ? element.group : [{ ...element, strand: '+' as const }]
    const parts = members.map((member) => {
      const own = drawStrand(member.strand, random)
      return drawPart(member, own === strand ? '+' : '-', motifs.get(member.motif)!, random)
    })
    if (strand === '-') parts.reverse()
    let width = 0
    for (const [i, part] of parts.entries()) {
      if (i > 0 && 'spacing' in element) width += drawNumber(element.spacing, random)
      part.offset = width
      width += part.codes.length
    }
    return { parts, width, placement: element.placement }
  })
}

function drawPart(
  member: { motif: string; scrambled: boolean; mutated: number },
  strand: '+' | '-',
  ppm: Matrix,
  random: Random,
): Part {
  const columns = ppm.map((row, column) => ({ row, column }))
  if (member.scrambled) random.shuffle(columns)
  const codes = Uint8Array.from(columns, ({ row }) => random.weighted(row))
  const informative = columns.flatMap(({ row }, i) => (informationContent(row) >= informativeBits ? [i] : []))
  for (const i of random.shuffle([...informative]).slice(0, member.mutated)) {
    const { row } = columns[i]!
    const least = Math.min(...row)
    codes[i] = random.weighted(row.map((p) => (p === least ? 1 : 0)))
  }
  const decoy = member.scrambled || member.mutated > 0
  const part = { motif: member.motif, strand, decoy, offset: 0 }
  if (strand === '+') return { ...part, codes, informative }
  const last = codes.length - 1
  return {
    ...part,
    codes: codes.map((_, i) => complement(codes[last - i]!)),
    informative: informative.map((i) => last - i).reverse(),
  }
}

/** Start of every block, drawn again until none overlaps another or lies nearer than the minimum spacing. */
function placeBlocks(
  blocks: readonly Block[],
  grammar: Grammar,
  kind: GrammarClass,
  random: Random,
): number[] {
  const gap = grammar['minimum-spacing']
  const starts: number[] = []
  for (let attempt = 0; attempt < placementAttempts; attempt++) {
    starts.length = 0
    const free = blocks.every((block, i) => {
      const start = drawStart(block, grammar.length, random)
      starts.push(start)
      return (
        start >= 0 &&
        start + block.width <= grammar.length &&
        blocks
          .slice(0, i)
          .every(
            (other, j) => start >= starts[j]! + other.width + gap || starts[j]! >= start + block.width + gap,
          )
      )
    })
    if (free) return starts
  }
  throw new ConfigError(
    `the elements of the grammar's class '${kind.name}' do not fit into ${grammar.length} bases; lengthen the sequences or plant less`,
  )
}

/** @returns a negative number where the block does not fit at all */
function drawStart({ width, placement }: Block, length: number, random: Random): number {
  if (typeof placement === 'object' && 'centre' in placement) {
    return Math.round((length - width) / 2 + random.normal() * placement.centre)
  }
  const [first, last] = placement === 'uniform' ? [0, length - 1] : placement.within
  const room = last - first + 1 - width
  return room < 0 ? -1 : first + random.below(room + 1)
}
