/** Where genome browsers show a place. */

/** Bases shown on either side. */
const around = 200

/** 0-based, half-open. */
interface Interval {
  readonly chrom: string
  readonly start: number
  readonly end: number
}

/** @param assembly as UCSC calls it, e.g. hg38 */
export function ucscAddress(assembly: string, { chrom, start, end }: Interval): string {
  const position = `${chrom}:${Math.max(1, start + 1 - around)}-${end + around}`
  return `https://genome.ucsc.edu/cgi-bin/hgTracks?db=${encodeURIComponent(assembly)}&position=${encodeURIComponent(position)}`
}

/** UCSC's name of a genome → Ensembl's site for it. */
const ensemblSites: Readonly<Record<string, string>> = {
  hg38: 'https://www.ensembl.org/Homo_sapiens',
  hg19: 'https://grch37.ensembl.org/Homo_sapiens',
  mm10: 'https://nov2020.archive.ensembl.org/Mus_musculus',
  mm39: 'https://www.ensembl.org/Mus_musculus',
  dm6: 'https://www.ensembl.org/Drosophila_melanogaster',
  danRer11: 'https://www.ensembl.org/Danio_rerio',
}

/** @returns undefined of a genome whose site is not known */
export function ensemblAddress(assembly: string, { chrom, start, end }: Interval): string | undefined {
  const site = ensemblSites[assembly]
  if (site === undefined) return undefined
  const region = `${chrom.replace(/^chr/, '')}:${Math.max(1, start + 1 - around)}-${end + around}`
  return `${site}/Location/View?r=${encodeURIComponent(region)}`
}
