/** Our depth of every base is that of `samtools depth`. Skipped where samtools or the real data are absent. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ReadDepth, tileLength } from '../../src/io/alignments/readDepth.ts'

const data = process.env['SIS_REAL_DATA']
const installed = spawnSync('samtools', ['--version']).status === 0

describe.skipIf(!data || !installed)('samtools depth', () => {
  it.each([
    ['samtools-1000g/mpileup.1.bam', 0],
    ['samtools-1000g/mpileup.1.bam', 30],
    ['volvox/volvox-sorted.bam', 0],
    ['deeptools/testA.bam', 0],
    ['deeptools/paired.bam', 0],
    ['macs-ctcf-chr22/tiny.bam', 0],
  ])('of %s at mapping quality %i', async (file, minMappingQuality) => {
    const path = join(data!, 'genome', file)
    // -G 0x800: samtools depth itself leaves out all that we do but supplementary alignments
    const { stdout } = spawnSync('samtools', ['depth', '-G', '0x800', '-Q', `${minMappingQuality}`, path], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    const depth = await ReadDepth.open(path, { minMappingQuality })
    let bases = 0
    let theirs = 0
    for (const line of stdout.split('\n')) {
      if (line === '') continue
      const [chrom, position, count] = line.split('\t')
      const at = Number(position) - 1
      const tile = await depth.tile(chrom!, Math.floor(at / tileLength))
      const ours = tile === undefined ? 0 : tile.forward[at - tile.start]! + tile.reverse[at - tile.start]!
      if (ours !== Number(count)) expect.fail(`${chrom!}:${position!} ours ${ours}, samtools ${count!}`)
      bases++
      theirs += ours
    }
    expect(bases).toBeGreaterThan(100) // something was compared

    let ours = 0
    for (const [chrom, length] of depth.chromosomes) {
      for (let index = 0; index * tileLength < length; index++) {
        const tile = await depth.tile(chrom, index)
        for (let i = 0; tile !== undefined && i < tileLength; i++) ours += tile.forward[i]! + tile.reverse[i]!
      }
    }
    expect(ours).toBe(theirs)
  })
})
