/** Which genome the sequences lie on, by UCSC's name for it: as told, or as the genome's file is called. */

/** Other names → UCSC's. */
const synonyms: Readonly<Record<string, string>> = {
  grch38: 'hg38',
  grch37: 'hg19',
  hs37d5: 'hg19',
  grcm38: 'mm10',
  grcm39: 'mm39',
  bdgp6: 'dm6',
  grcz11: 'danRer11',
}
const known =
  /(?<![a-z])(hg(?:18|19|38)|mm(?:9|10|39)|dm(?:3|6)|ce(?:10|11)|danRer(?:10|11)|sacCer3|rn(?:6|7)|galGal6)(?![0-9])/i

/** @returns undefined where no file's name tells, or two tell otherwise */
export function genomeAssembly(told: string | undefined, genomeFiles: readonly string[]): string | undefined {
  if (told !== undefined) return told
  const names = genomeFiles.map((file) => {
    const name = file.split('/').at(-1)!
    const synonym = Object.keys(synonyms).find((other) => name.toLowerCase().includes(other))
    if (synonym !== undefined) return synonyms[synonym]
    const found = known.exec(name)?.[1]?.toLowerCase()
    return found?.replace('danrer', 'danRer').replace('saccer', 'sacCer').replace('galgal', 'galGal')
  })
  return new Set(names).size === 1 ? names[0] : undefined
}
