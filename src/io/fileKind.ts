/**
 * What a file is, told by its first bytes, so that one given in place of another is called by its name, with what to do.
 * Sources: the UCSC descriptions of 2bit, bigWig and bigBed (their magic numbers), the SAM/BAM/CRAM specifications, and the
 * registered signatures of the rest.
 */
import { constants, gunzipSync } from 'node:zlib'
import { DataError } from '../base/errors.ts'
import { isBgzf, isGzip } from './bgzf.ts'

/** What a file should be. */
export type Wanted = 'fasta' | 'genome' | 'bed' | 'bam' | 'table' | 'targets' | 'motifs' | 'model' | 'yaml'

/** Bytes of a file's beginning that tell its kind: a block of BGZF may be needed whole to unpack any of it. */
export const headLength = 1 << 16

const wantedNames: Readonly<Record<Wanted, string>> = {
  fasta: 'FASTA',
  genome: 'FASTA of a genome',
  bed: 'BED',
  bam: 'BAM',
  table: 'a TSV or CSV table',
  targets: 'a text of labels',
  motifs: 'a file of motifs',
  model: 'a model',
  yaml: 'YAML',
}

interface Kind {
  readonly name: string
  readonly test: (head: Buffer, text: string) => boolean
  /** What makes of it what is wanted; `$` stands for the file. */
  readonly remedies?: Readonly<Partial<Record<Wanted, string>>>
  /** Where it is what it should be. */
  readonly fits?: readonly Wanted[]
}

const startsWith =
  (...signatures: string[]) =>
  (head: Buffer): boolean =>
    signatures.some((signature) =>
      head.subarray(0, signature.length).equals(Buffer.from(signature, 'latin1')),
    )

const toFasta = { fasta: 'make FASTA of it: samtools fasta $ > reads.fa' }
const bigBed = 'bigBedToBed $ peaks.bed'
const unzip = 'unpack it, and give the file inside'
const saveAsText = 'save the sheet as tab-separated text, and give that'

/** The first that fits is named. */
const kinds: readonly Kind[] = [
  {
    name: 'a Git LFS pointer, not the file itself',
    test: startsWith('version https://git-lfs.github.com/'),
    remedies: all('get the file with: git lfs pull'),
  },
  {
    name: '2bit',
    test: startsWith('\x43\x27\x41\x1a', '\x1a\x41\x27\x43'),
    remedies: {
      genome: 'make FASTA of it: twoBitToFa $ genome.fa && samtools faidx genome.fa',
      fasta: 'make FASTA of it: twoBitToFa $ sequences.fa',
    },
  },
  {
    name: 'CRAM',
    test: startsWith('CRAM'),
    remedies: {
      bam: 'make BAM of it: samtools view -b -T genome.fa -o reads.bam $ && samtools index reads.bam',
      ...toFasta,
    },
  },
  {
    name: 'BAM',
    test: startsWith('BAM\x01'),
    remedies: { ...toFasta, bed: 'give it with --bam' },
    fits: ['bam'],
  },
  { name: 'BCF, which holds variants', test: startsWith('BCF\x02') },
  {
    name: 'SAM',
    test: (_, text) => /^@(?:HD|SQ|RG|PG|CO)\t/.test(text),
    remedies: {
      bam: 'make BAM of it: samtools sort -o reads.bam $ && samtools index reads.bam',
      ...toFasta,
    },
  },
  {
    name: 'bigWig',
    test: startsWith('\x26\xfc\x8f\x88', '\x88\x8f\xfc\x26'),
    remedies: {
      bam: 'it has no reads; give the BAM that it was made from',
      bed: 'it has a signal, not peaks; give the peaks that were called from it',
    },
  },
  {
    name: 'bigBed',
    test: startsWith('\xeb\xf2\x89\x87', '\x87\x89\xf2\xeb'),
    remedies: {
      bed: `make BED of it: ${bigBed}`,
      bam: `it has no reads; for --peaks make BED of it: ${bigBed}`,
    },
  },
  {
    name: 'FASTQ',
    test: (_, text) => /^@\S[^\n]*\n[A-Za-z.*]+\r?\n\+/.test(text),
    remedies: { fasta: 'make FASTA of it: seqtk seq -A $ > reads.fa', bam: 'align the reads first' },
  },
  {
    name: 'VCF, which holds variants',
    test: (_, text) => text.startsWith('##fileformat=VCF'),
  },
  {
    name: 'GFF, which counts from 1',
    test: (_, text) => text.startsWith('##gff-version'),
    remedies: { bed: 'convert it to BED: gff2bed < $ > intervals.bed' },
  },
  {
    name: 'GenBank',
    test: (_, text) => /^LOCUS {2,}\S/.test(text),
    remedies: { fasta: 'convert it to FASTA', genome: 'convert it to FASTA' },
  },
  {
    name: 'a page of HTML, such as a server sends in place of a file that it does not have',
    test: (_, text) => /^\s*(?:<!--[^]*?-->\s*)?<(?:!doctype html|html|head|body)\b/i.test(text),
    remedies: {
      ...all('look at it, and download the file again'),
      motifs: 'look at it; of MEME, STREME and DREME give the .txt',
    },
  },
  {
    name: 'XML',
    test: (_, text) => /^\s*<\?xml\b/.test(text),
    remedies: { motifs: 'of MEME, STREME and DREME give the .txt' },
  },
  {
    name: 'a spreadsheet of Excel',
    test: (head) =>
      startsWith('PK\x03\x04')(head) &&
      /\[Content_Types\]\.xml|xl\//.test(head.subarray(0, 4096).toString('latin1')),
    remedies: all(saveAsText),
  },
  {
    name: 'a document of an older Office (Excel or Word)',
    test: startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'),
    remedies: all(saveAsText),
  },
  {
    name: 'RTF, as a word processor writes it',
    test: startsWith('{\\rtf'),
    remedies: all('save it as plain text'),
  },
  {
    name: 'a zip archive',
    test: startsWith('PK\x03\x04', 'PK\x05\x06'),
    remedies: all(unzip),
    fits: ['model'],
  },
  {
    name: 'packed with bzip2',
    test: (head, text) => /^BZh[1-9]1AY&SY/.test(text) && head.length > 10,
    remedies: all('unpack it with: bunzip2 -k $'),
  },
  { name: 'packed with xz', test: startsWith('\xfd7zXZ\0'), remedies: all('unpack it with: xz -dk $') },
  {
    name: 'packed with zstd',
    test: startsWith('\x28\xb5\x2f\xfd'),
    remedies: all('unpack it with: zstd -d $'),
  },
  { name: 'a 7z archive', test: startsWith("7z\xbc\xaf'\x1c"), remedies: all(unzip) },
  {
    name: 'a tar archive',
    test: (head) => head.subarray(257, 262).toString('latin1') === 'ustar',
    remedies: all('unpack it with tar -xf $, and give the file inside'),
  },
  { name: 'HDF5', test: startsWith('\x89HDF\r\n\x1a\n'), fits: ['model'] },
  { name: 'a NumPy array', test: startsWith('\x93NUMPY') },
  { name: 'Parquet', test: startsWith('PAR1'), remedies: { table: 'write it as CSV' } },
  { name: 'a DuckDB database', test: (head) => head.subarray(8, 12).toString('latin1') === 'DUCK' },
  { name: 'PDF', test: startsWith('%PDF-') },
  { name: 'a picture', test: startsWith('\x89PNG\r\n', '\xff\xd8\xff', 'GIF8') },
  {
    name: 'text in UTF-16',
    test: startsWith('\xff\xfe', '\xfe\xff'),
    remedies: all('save it as UTF-8: iconv -f UTF-16 -t UTF-8 $ > new.txt'),
  },
]

function all(remedy: string): Readonly<Record<Wanted, string>> {
  return Object.fromEntries(Object.keys(wantedNames).map((wanted) => [wanted, remedy])) as Record<
    Wanted,
    string
  >
}

/** Formats that are binary themselves; only what is known to be another is refused. */
const binary: readonly Wanted[] = ['model', 'bam']

/**
 * Passes where the file may be what it should be; what is inside gzip is looked at.
 * @param head its first bytes, `headLength` of them where it has so many
 * @throws DataError saying what the file is instead, and what to do
 */
export function refuseWrongKind(head: Uint8Array, wanted: Wanted, file: string): void {
  const packed = isGzip(head)
  const bytes = packed ? unpackedHead(head) : Buffer.from(head)
  const text = bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '')
  const inside = packed && !isBgzf(head) ? ', in gzip' : ''
  const refuse = (name: string, remedy: string): never => {
    throw new DataError(`is ${name}${inside}, not ${wantedNames[wanted]}; ${remedy}`, { file })
  }
  const kind = kinds.find(({ test }) => test(bytes, text))
  if (kind !== undefined && kind.fits?.includes(wanted) !== true) {
    refuse(kind.name, (kind.remedies?.[wanted] ?? `give ${wantedNames[wanted]}`).replaceAll('$', file))
  }
  if (wanted === 'bam' && kind === undefined && bytes.length > 0) {
    refuse(isText(bytes) ? 'text' : 'of an unknown kind', 'give BAM, sorted and indexed')
  }
  if (binary.includes(wanted)) return
  if (!isText(bytes)) refuse('binary, of an unknown kind', `give ${wantedNames[wanted]}`)
  if (/\r(?!\n|$)/.test(text) && !text.includes('\n')) {
    throw new DataError(
      `its lines end with carriage returns alone, as of an old Mac; convert them: tr '\\r' '\\n' < ${file} > new.txt`,
      { file },
    )
  }
  const first = /\S/.exec(text)?.[0]
  if (wanted === 'genome' && first !== undefined && first !== '>') {
    const line = text.trimStart().split(/\r?\n/)[0]!.slice(0, 40)
    refuse(`text that begins with '${line}' where FASTA has '>'`, 'give the FASTA of the genome')
  }
}

/** As much as the bytes hold: they end in the middle. */
function unpackedHead(head: Uint8Array): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH })
  } catch {
    return Buffer.alloc(0) // broken gzip: its reader tells
  }
}

function isText(bytes: Buffer): boolean {
  return !bytes.includes(0)
}
