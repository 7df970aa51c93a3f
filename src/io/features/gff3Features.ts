/**
 * Writes features as GFF3 (Sequence Ontology's specification, version 1.26): tab-separated, 1-based and closed, with what the
 * format has other uses for percent-encoded.
 */
import { percentEncoded } from './percentEncoding.ts'

export const gff3Head = '##gff-version 3\n'

export interface Gff3Feature {
  readonly seqid: string
  /** A term of the Sequence Ontology. */
  readonly type: string
  /** 0-based; written as 1-based. */
  readonly start: number
  /** Half-open. */
  readonly end: number
  readonly score: number | null
  readonly strand: '+' | '-' | undefined
  /** Column nine in its order; what is null or empty is left out. Names with a capital are the specification's own. */
  readonly attributes: readonly (readonly [name: string, value: string | number | null])[]
}

const source = 'sis'

// The specification's list of what stands unescaped; a seqid must not begin with '>'.
const unfitInSeqid = /[^a-zA-Z0-9.:^*$@!+_?|-]/gu
// eslint-disable-next-line no-control-regex -- they end fields and lines
const unfitInAttribute = /[\u0000-\u001f\u007f%;=&,]/g

function seqidText(name: string): string {
  // Bytes of UTF-8, as in a URL.
  return name.replace(unfitInSeqid, (character) =>
    Buffer.from(character).reduce(
      (text, byte) => `${text}%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
      '',
    ),
  )
}

/** Says how far a sequence reaches, as far as it is known. @param start 0-based @param end half-open */
export function gff3Region({ chrom, start, end }: { chrom: string; start: number; end: number }): string {
  return `##sequence-region ${seqidText(chrom)} ${start + 1} ${end}\n`
}

export function gff3Line({ seqid, type, start, end, score, strand, attributes }: Gff3Feature): string {
  const told = attributes
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}=${percentEncoded(String(value), unfitInAttribute)}`)
  const columns = [seqidText(seqid), source, type, start + 1, end, score ?? '.', strand ?? '.', '.']
  return `${[...columns, told.join(';')].join('\t')}\n`
}
