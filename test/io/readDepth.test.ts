/** Depth per base: what each kind of read adds, by hand for a small file, and by recounting real ones. */
import { BamFile } from '@gmod/bam'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { coveredRegions } from '../../src/io/alignments/coveredRegions.ts'
import { ReadDepth, tileLength } from '../../src/io/alignments/readDepth.ts'
import { collect, fixtures, messageOf, temporaryFiles } from './support.ts'

const write = temporaryFiles()
const toy = join(fixtures, 'toy.bam')

/** [start, end, forward, reverse] of every run of equal depth, 0-based half-open. */
async function runs(depth: ReadDepth, chrom: string): Promise<number[][]> {
  const found: number[][] = []
  const tile = await depth.tile(chrom, 0)
  for (let i = 0; tile !== undefined && i < tileLength; i++) {
    const [forward, reverse] = [tile.forward[i]!, tile.reverse[i]!]
    if (forward + reverse === 0) continue
    const last = found.at(-1)
    if (last?.[1] === i && last[2] === forward && last[3] === reverse) last[1] = i + 1
    else found.push([i, i + 1, forward, reverse])
  }
  return found
}

// The reads are those of toy.sam: one for each rule.
const chrA = [
  [0, 20, 1, 0], // edge
  [100, 110, 1, 0], // forward
  [110, 115, 2, 0], // and the read with a deletion; not the duplicate, secondary, failed, supplementary, unmapped ones
  [115, 120, 2, 1], // and the clipped one, from where its alignment begins
  [120, 130, 3, 1], // and the doubtful one
  [130, 150, 2, 1], // first without the read in its deletion, from 140 without the doubtful one
  [150, 155, 1, 1],
  [155, 160, 1, 0],
  [200, 220, 1, 0], // spliced
  [280, 300, 1, 0],
]

describe('ReadDepth', () => {
  it.each([toy, join(fixtures, 'csi/toy.bam')])(
    'counts aligned bases of reads that pass (%s)',
    async (path) => {
      const depth = await ReadDepth.open(path)
      expect([...depth.chromosomes]).toEqual([
        ['chrA', 600],
        ['chrB', 400],
        ['chrC', 500],
      ])
      expect((await runs(depth, 'chrB')).map(([start, end]) => [start, end])).toEqual([
        [10, 100],
        [100, 110],
        [110, 160],
        [300, 320],
      ])
      const forwardAndReverse = await runs(depth, 'chrA')
      expect(forwardAndReverse.filter(([start]) => start! < 300)).toEqual(chrA)
    },
  )

  it('counts the second read of a pair for the strand of its fragment; insertions and padding pass no reference', async () => {
    const depth = await ReadDepth.open(toy)
    expect((await runs(depth, 'chrA')).filter(([start]) => start! >= 300)).toEqual([
      [340, 350, 1, 1],
      [350, 360, 2, 1],
      [360, 370, 1, 0],
      [400, 405, 0, 1],
      [405, 425, 0, 2],
      [425, 430, 0, 1],
    ])
    expect(await depth.sum('chrA', 345, 365)).toEqual({ forward: 5 + 20 + 5, reverse: 5 + 10 })
  })

  it('leaves out reads of low mapping quality', async () => {
    const depth = await ReadDepth.open(toy, { minMappingQuality: 10 })
    expect(await depth.sum('chrA', 120, 130)).toEqual({ forward: 20, reverse: 10 })
  })

  it('says how to make a missing index', async () => {
    const path = write('noIndex.bam', readFileSync(toy))
    expect(await messageOf(ReadDepth.open(path))).toBe(
      `DataError: ${path}: has no index ${path}.bai or .csi; make it with: samtools index ${path}`,
    )
  })

  it('refuses a truncated BAM, an index cut short, and what is not BAM', async () => {
    const cut = write('cut.bam', readFileSync(toy).subarray(0, 600))
    expect(await messageOf(ReadDepth.open(cut))).toBe(
      `DataError: ${cut}: the BAM end-of-file marker is missing: the file is truncated; copy or download it again`,
    )
    const whole = write('whole.bam', readFileSync(toy))
    write('whole.bam.bai', readFileSync(`${toy}.bai`).subarray(0, 30))
    expect(await messageOf(ReadDepth.open(whole))).toBe(
      `DataError: ${whole}.bai: does not fit ${whole}: its number of chromosomes is 3; one of them is damaged, truncated or newer; make the index again with: samtools index ${whole}`,
    )
    expect(await messageOf(ReadDepth.open(join(fixtures, 'toy.sam')))).toContain('toy.sam: is not a BAM file')
    expect(await messageOf(ReadDepth.open(write('empty.bam', '')))).toContain('the file is empty')
    expect(await messageOf(ReadDepth.open('/nowhere/x.bam'))).toContain('no such file')
  })

  it('refuses a corrupt block of reads', async () => {
    const bytes = readFileSync(toy)
    bytes.fill(0, 330, bytes.length - 28)
    const path = write('corrupt.bam', bytes)
    copyFileSync(`${toy}.bai`, `${path}.bai`)
    expect(await messageOf(ReadDepth.open(path).then((depth) => depth.sum('chrA', 0, 600)))).toMatch(
      /^DataError: .*corrupt\.bam: is damaged at byte \d+: /,
    )
  })
})

describe('a damaged BAM or index', () => {
  const csi = join(fixtures, 'csi/toy.bam')

  /** Depth of every base, or the error. */
  async function depthOf(bam: Uint8Array, index: Uint8Array, extension: string): Promise<string> {
    const path = write(`damaged.${extension}.bam`, bam)
    write(`damaged.${extension}.bam.${extension}`, index)
    try {
      const depth = await ReadDepth.open(path)
      try {
        return JSON.stringify([
          await runs(depth, 'chrA'),
          await runs(depth, 'chrB'),
          await runs(depth, 'chrC'),
        ])
      } finally {
        depth.close()
      }
    } catch (error) {
      return String(error)
    }
  }

  it.each([
    ['bai', toy],
    ['csi', csi],
  ])('never gives another depth (%s)', async (extension, path) => {
    const [bam, index] = [readFileSync(path), readFileSync(`${path}.${extension}`)]
    const intact = await depthOf(bam, index, extension)
    expect(intact).toMatch(/^\[/)
    let refused = 0
    async function tryDamage(damagedBam: Uint8Array, damagedIndex: Uint8Array, what: string): Promise<void> {
      const result = await depthOf(damagedBam, damagedIndex, extension)
      if (result === intact) return
      refused++
      expect(result, what).toMatch(/^DataError: .*damaged\.(bai|csi)\.bam/)
    }
    const flipped = (bytes: Buffer, at: number): Buffer => {
      const damaged = Buffer.from(bytes)
      damaged[at]! ^= 1 << (at % 8)
      return damaged
    }
    for (let at = 0; at < bam.length; at += 17) await tryDamage(flipped(bam, at), index, `BAM, byte ${at}`)
    for (let at = 0; at < index.length; at += 3) await tryDamage(bam, flipped(index, at), `index, byte ${at}`)
    for (let size = 0; size < index.length; size += 23)
      await tryDamage(bam, index.subarray(0, size), `index of ${size} bytes`)
    expect(refused).toBeGreaterThan((bam.length / 17 + index.length / 3) / 2)
  })

  it('refuses the index of another file', async () => {
    const bytes = readFileSync(`${toy}.bai`)
    bytes.writeInt32LE(4, 4)
    const more = Buffer.concat([bytes.subarray(0, -8), Buffer.alloc(8), bytes.subarray(-8)])
    expect(await depthOf(readFileSync(toy), more, 'bai')).toMatch(
      /damaged\.bai\.bam\.bai: does not fit .*: it has 4 chromosomes, the file 3; .*samtools index/,
    )
  })
})

describe('coveredRegions', () => {
  it('gives runs of enough depth and the middle of their first highest stretch', async () => {
    const depth = await ReadDepth.open(toy)
    expect(await collect(coveredRegions(depth, 'chrA', 2))).toEqual([
      { chrom: 'chrA', start: 110, end: 155, summit: 124 },
      { chrom: 'chrA', start: 340, end: 370 - 10, summit: 354 },
      { chrom: 'chrA', start: 405, end: 425, summit: 414 },
    ])
    expect(await collect(coveredRegions(depth, 'chrA', 5))).toEqual([])
  })
})

describe.skipIf(!process.env['SIS_REAL_DATA'])('ReadDepth on real data', () => {
  it.each([
    ['samtools-1000g/mpileup.1.bam', '17', 4101, 54_337],
    ['volvox/volvox-sorted.bam', 'ctgA', 49_984, 959_563],
    ['deeptools/paired.bam', 'chr2L', 10_044, 629_414],
  ])('counts what a straightforward recount of %s does', async (file, chrom, coveredBases, alignedBases) => {
    const path = join(process.env['SIS_REAL_DATA']!, 'genome', file)
    const depth = await ReadDepth.open(path)
    const counted = new Map<number, number>()
    const bam = new BamFile({ bamPath: path })
    await bam.getHeader()
    for (const read of await bam.getRecordsForRange(chrom, 0, depth.chromosomes.get(chrom)!)) {
      if (read.isSegmentUnmapped() || read.isSecondary() || read.isSupplementary()) continue
      if (read.isDuplicate() || read.isFailedQc()) continue
      let at = read.start
      for (const [, count, operation] of read.CIGAR.matchAll(/(\d+)([A-Z=])/g)) {
        if ('MX='.includes(operation!)) {
          for (let i = 0; i < Number(count); i++) counted.set(at + i, (counted.get(at + i) ?? 0) + 1)
        }
        if ('MX=DN'.includes(operation!)) at += Number(count)
      }
    }
    expect(counted.size).toBe(coveredBases)
    let total = 0
    for (let index = 0; index * tileLength < depth.chromosomes.get(chrom)!; index++) {
      const tile = await depth.tile(chrom, index)
      for (let i = 0; tile !== undefined && i < tileLength; i++) {
        const here = tile.forward[i]! + tile.reverse[i]!
        total += here
        if (here !== (counted.get(tile.start + i) ?? 0)) expect.fail(`at ${tile.start + i}`)
      }
    }
    expect(total).toBe(alignedBases)
  })
})
