/** What a file is by its first bytes, where it is none that is read here: for errors that say so. */
import { DataError } from '../../base/errors.ts'

interface Kind {
  /** With its article. */
  readonly name: string
  /** What to do, as a part of a sentence. */
  readonly remedy: string
}

/** Signatures: of formats that users of sequences have at hand, and of what downloads turn out to be. */
const binary: readonly (Kind & { readonly signature: string | readonly string[] })[] = [
  {
    signature: ["\x1aA'C", "C'A\x1a"],
    name: 'a 2bit genome',
    remedy: 'make FASTA of it: twoBitToFa genome.2bit genome.fa && samtools faidx genome.fa',
  },
  { signature: 'BAM\x01', name: 'a BAM file', remedy: 'give it as --bam' },
  {
    signature: 'CRAM',
    name: 'a CRAM file',
    remedy:
      'make BAM of it: samtools view -b -T genome.fa reads.cram -o reads.bam && samtools index reads.bam',
  },
  { signature: 'BCF\x02', name: 'a BCF file', remedy: 'give sequences or intervals' },
  {
    signature: ['\x26\xfc\x8f\x88', '\x88\x8f\xfc\x26'],
    name: 'a bigWig file',
    remedy: 'give intervals as BED',
  },
  {
    signature: ['\xeb\xf2\x89\x87', '\x87\x89\xf2\xeb'],
    name: 'a bigBed file',
    remedy: 'make BED of it: bigBedToBed peaks.bb peaks.bed',
  },
  { signature: 'BAI\x01', name: 'the index of a BAM file', remedy: 'give the BAM itself' },
  { signature: 'CSI\x01', name: 'an index (CSI)', remedy: 'give the file that it is the index of' },
  { signature: 'TBI\x01', name: 'an index (tabix)', remedy: 'give the file that it is the index of' },
  {
    signature: 'PK\x03\x04',
    name: 'a zip archive (so are .xlsx, .docx and .keras)',
    remedy: 'unpack it, or save a spreadsheet as tab-separated text',
  },
  {
    signature: '\xd0\xcf\x11\xe0\xa1\xb1',
    name: 'an old Excel or Word file',
    remedy: 'save it as tab-separated text',
  },
  { signature: '%PDF', name: 'a PDF', remedy: 'give the data themselves' },
  {
    signature: '\x89HDF',
    name: 'an HDF5 file',
    remedy: "a Keras model is named in models, by file; modisco-lite's patterns are known motifs",
  },
  { signature: 'PAR1', name: 'a Parquet file', remedy: 'export it as TSV or CSV' },
  { signature: 'SQLite format 3', name: 'an SQLite database', remedy: 'export the table as TSV or CSV' },
  { signature: '\x93NUMPY', name: 'a NumPy array', remedy: 'write its sequences as FASTA' },
  { signature: 'BZh', name: 'a bzip2 file', remedy: 'unpack it (bunzip2), or pack it with gzip' },
  { signature: '\xfd7zXZ', name: 'an xz file', remedy: 'unpack it (unxz), or pack it with gzip' },
  { signature: '\x28\xb5\x2f\xfd', name: 'a zstd file', remedy: 'unpack it (unzstd), or pack it with gzip' },
  { signature: '\xff\xfe', name: 'text in UTF-16', remedy: 'save it in UTF-8: iconv -f utf-16 -t utf-8' },
  { signature: '\xfe\xff', name: 'text in UTF-16', remedy: 'save it in UTF-8: iconv -f utf-16 -t utf-8' },
]

/** Bytes that `refuseBinary` needs of a file's beginning. */
const kindLength = 16

/**
 * @param head the first bytes of a file, unpacked where they are gzip
 * @throws DataError where they are those of no text
 */
export function refuseBinary(head: Uint8Array, file: string): void {
  const kind = binaryKind(head)
  if (kind !== undefined) throw new DataError(`is ${kind.name}, not text; ${kind.remedy}`, { file })
}

export function binaryKind(head: Uint8Array): Kind | undefined {
  const text = Buffer.from(head.subarray(0, kindLength)).toString('latin1')
  return binary.find(({ signature }) => [signature].flat().some((bytes) => text.startsWith(bytes)))
}

const textual: readonly (Kind & { readonly pattern: RegExp })[] = [
  {
    pattern: /^\s*<(?:!doctype html|html|head|body)\b/i,
    name: 'an HTML page',
    remedy: 'the download has failed; get the file itself',
  },
  { pattern: /^\s*<\?xml\b/i, name: 'XML', remedy: 'give the text form of it' },
  {
    pattern: /^@(?:HD|SQ|RG|PG|CO)\t/,
    name: 'a SAM file',
    remedy: 'make BAM of it: samtools sort reads.sam -o reads.bam',
  },
  { pattern: /^@\S/, name: 'FASTQ', remedy: "make FASTA of it: sed -n '1~4s/^@/>/p;2~4p' reads.fastq" },
  { pattern: /^##fileformat=VCF/, name: 'a VCF file', remedy: 'give sequences or intervals' },
  { pattern: /^##gff-version/, name: 'a GFF file', remedy: 'make BED of its features' },
  { pattern: /^LOCUS\s/, name: 'a GenBank file', remedy: 'give it as FASTA' },
  { pattern: /^ID\s{3}\S/, name: 'an EMBL file', remedy: 'give it as FASTA' },
  { pattern: /^(?:fixedStep|variableStep)\s/, name: 'a wiggle file', remedy: 'give intervals as BED' },
  { pattern: /^>/, name: 'FASTA', remedy: 'check which file is meant' },
  { pattern: /^MEME version/, name: 'a MEME motif file', remedy: 'give it as --known-motifs' },
  { pattern: /^\s*[{[]\s*["[{]/, name: 'JSON', remedy: 'check which file is meant' },
  { pattern: /^\S+\t\d+\t\d+(?:\t|$)/, name: 'BED', remedy: 'give it as --bed, with --genome and --length' },
]

/** @returns ` (it looks like …; what to do)` where the first line of a file says what it is, else nothing */
export function looksLike(firstLine: string, ...expected: readonly string[]): string {
  const kind = textual.find(({ name, pattern }) => !expected.includes(name) && pattern.test(firstLine))
  return kind === undefined ? '' : ` (it looks like ${kind.name}; ${kind.remedy})`
}

/** @throws DataError where text is what a failed download leaves */
export function refuseHtml(text: string, file: string): void {
  if (textual[0]!.pattern.test(text)) {
    throw new DataError(`is ${textual[0]!.name}; ${textual[0]!.remedy}`, { file })
  }
}
