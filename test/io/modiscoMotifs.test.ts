/** Patterns of modisco-lite as motifs: names, matrices, what is cut; one line on what is wrong with a file. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Hdf5Writer } from '../../src/io/hdf5/hdf5.ts'
import { readKnownMotifs } from '../../src/io/motifs/knownMotifs.ts'
import { lettersOf, modiscoBytes, type Pattern } from './modiscoPatterns.ts'
import { messageOf, temporaryFiles } from './support.ts'

const write = temporaryFiles()
const path = 'pos_patterns/pattern_0'
const even = [0.25, 0.25, 0.25, 0.25]

describe("modisco-lite's patterns", () => {
  it('are motifs called as its meme calls them, with their seqlets, positive ones first', async () => {
    const bytes = await modiscoBytes([
      { path: 'neg_patterns/pattern_0', sequence: lettersOf('TTT'), seqlets: [3] },
      { path, sequence: [[0.5, 0.25, 0, 0], [0, 0, 0, 2], even], seqlets: [250] },
    ])
    const motifs = [
      // Shares that Ns took away are given back.
      { id: 'pos_patterns.pattern_0', ppm: [[2 / 3, 1 / 3, 0, 0], [0, 0, 0, 1], even], nsites: 250 },
      { id: 'neg_patterns.pattern_0', ppm: lettersOf('TTT'), nsites: 3 },
    ].map((motif) => ({ ...motif, name: motif.id }))
    expect(await readKnownMotifs(write('named.as.you.like', bytes))).toEqual(motifs)
    expect(await readKnownMotifs(write('packed.h5.gz', gzipSync(bytes)))).toEqual(motifs)
  })

  it('are cut before the first and after the last column of 0.3 of the largest contribution', async () => {
    const shares = [0.2, 0.31, 0, 1, 0.1, -0.3125, 0.29]
    const contributions = shares.map((share) => [0, share / 2, 0, share / 2])
    const sequence = lettersOf('ACGTACG')
    const [motif] = await readKnownMotifs(
      write('cut.h5', await modiscoBytes([{ path, sequence, contributions }])),
    )
    expect(motif!.ppm).toEqual(lettersOf('CGTAC'))
    const none = contributions.map((row) => row.map(() => 0))
    const [whole] = await readKnownMotifs(
      write('whole.h5', await modiscoBytes([{ path, sequence, contributions: none }])),
    )
    expect(whole!.ppm).toEqual(sequence)
  })

  it('may have columns that say nothing, which is told', async () => {
    const notes: string[] = []
    const bytes = await modiscoBytes([{ path, sequence: lettersOf('ANT') }])
    const [motif] = await readKnownMotifs(write('n.h5', bytes), (note) => notes.push(note))
    expect(motif!.ppm[1]).toEqual(even)
    expect(notes).toEqual([
      expect.stringMatching(/n\.h5: pos_patterns\.pattern_0 has columns in which no seqlet has a base.*: 1$/),
    ])
  })

  it('are read without their seqlets and subpatterns', async () => {
    const also = (writer: Hdf5Writer): void => {
      writer.group(`${path}/subpattern_0`)
      writer.text(`${path}/subpattern_0`, 'note', 'no pattern of its own')
      writer.tensor(`${path}/seqlets/sequence`, { shape: [1], values: Float32Array.of(Number.NaN) })
      writer.tensor('pos_patterns/not_a_group', { shape: [1], values: Float32Array.of(1) })
    }
    const bytes = await modiscoBytes([{ path, sequence: lettersOf('ACG') }], also)
    expect(await readKnownMotifs(write('more.h5', bytes))).toHaveLength(1)
  })
})

const good: Pattern = { path, sequence: lettersOf('ACG') }
const faults: readonly (readonly [string, readonly Pattern[], RegExp, ((writer: Hdf5Writer) => void)?])[] = [
  [
    'another shape',
    [{ ...good, sequence: [[1, 0, 0]] }],
    /'sequence' of shape \[1, 3\], not \[width, 4\], at 'pos_/,
  ],
  [
    'more contributions than letters',
    [{ ...good, contributions: lettersOf('AC') }],
    /3 columns in 'sequence' and 2 in 'contrib_scores'/,
  ],
  ['contributions for letters', [{ ...good, sequence: [[1, -0.5, 0, 0]] }], /negative numbers in 'sequence'/],
  ['more columns than any', [{ ...good, sequence: lettersOf('A'.repeat(10_001)) }], /10001 columns/],
  ['NaN', [{ ...good, sequence: [[1, Number.NaN, 0, 0]] }], /not finite/],
  ['no seqlets', [{ ...good, seqlets: [0] }], /no whole number of seqlets/],
  ['a list of seqlets', [{ ...good, seqlets: [1, 2] }], /no whole number of seqlets/],
  ['blanks in a name', [{ ...good, path: 'pos_patterns/a\tb' }], /blanks in its name/],
  ['no pattern', [], /without motifs.*hold no pattern/, (writer) => writer.group('pos_patterns')],
  ['other groups', [], /without motifs.*are not there/, (writer) => writer.group('model_weights')],
  [
    'the layout before modisco-lite',
    [],
    /modisco convert/,
    (writer) => writer.group('metacluster_idx_to_submetacluster_results'),
  ],
  [
    'a pattern without datasets',
    [],
    /no numbers of a pattern at 'pos_patterns\/pattern_0\/sequence'/,
    (writer) => {
      writer.group('pos_patterns')
      writer.group(path)
    },
  ],
  [
    'a cube',
    [],
    /of shape \[1, 1, 4\]/,
    (writer) => {
      writer.group('pos_patterns')
      writer.group(path)
      writer.tensor(`${path}/sequence`, { shape: [1, 1, 4], values: Float32Array.of(1, 0, 0, 0) })
    },
  ],
]

describe('what is wrong with patterns', () => {
  it.for(faults)('%s', async ([name, patterns, message, also]) => {
    const file = write(`${name}.h5`, await modiscoBytes(patterns, also))
    const text = await messageOf(readKnownMotifs(file))
    expect(text).toMatch(message)
    expect(text.startsWith(`DataError: ${file}: `)).toBe(true)
    expect(text).not.toContain('\n')
  })

  it('a file that ends early, or has other bytes anywhere: the motifs, or one line', async () => {
    const bytes = await modiscoBytes([good, { ...good, path: 'neg_patterns/pattern_0' }])
    let refused = 0
    const tryIt = async (damaged: Uint8Array): Promise<void> => {
      await readKnownMotifs(write('damaged.h5', damaged)).catch((error: unknown) => {
        expect(String(error)).toMatch(/^DataError: [^\n]*damaged\.h5: [^\n]+$/)
        refused++
      })
    }
    await tryIt(bytes.subarray(0, 2000))
    expect(refused).toBe(1)
    for (let at = 8; at < bytes.length; at += 131) {
      const damaged = Uint8Array.from(bytes)
      damaged[at]! ^= 0xff
      await tryIt(damaged)
    }
    expect(refused).toBeGreaterThan(5)
  })
})
