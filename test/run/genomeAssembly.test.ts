/** Which genome links lead to: as told, else as its file is called. */
import { expect, it } from 'vitest'
import { genomeAssembly } from '../../src/run/inputs/genomeAssembly.ts'

it.each([
  [undefined, ['/data/hg38.fa'], 'hg38'],
  [undefined, ['Homo_sapiens.GRCh38.dna.primary_assembly.fa.gz'], 'hg38'],
  [undefined, ['genomes/GRCh37.p13.fa', 'hg19.2bit.fa'], 'hg19'],
  [undefined, ['danRer11.fa'], 'danRer11'],
  [undefined, ['mm100.fa'], undefined],
  [undefined, ['hg38.fa', 'mm10.fa'], undefined],
  [undefined, ['genome.fa'], undefined],
  [undefined, [], undefined],
  ['hg38', ['genome.fa'], 'hg38'],
])('told %s, files %j: %s', (told, files, expected) => {
  expect(genomeAssembly(told, files)).toBe(expected)
})
