/** Errors for chromosomes that one file names and another lacks: most often `chr1` against `1`. */
import { DataError, type DataLocation } from '../../base/errors.ts'

/**
 * @param known the names that `knownFile` has
 * @param location where the unknown name stands
 */
export function unknownChromosomeError(
  chrom: string,
  known: Iterable<string>,
  knownFile: string,
  location: DataLocation,
): DataError {
  const names = [...known]
  const twin = names.find((name) => withoutPrefix(name) === withoutPrefix(chrom))
  if (twin !== undefined) {
    return new DataError(
      `chromosome '${chrom}' is called '${twin}' in ${knownFile}: the two follow different naming conventions; rename one`,
      location,
    )
  }
  const examples = names.slice(0, 3).map((name) => `'${name}'`)
  const more = names.length > examples.length ? `, … (${names.length} in all)` : ''
  return new DataError(
    `chromosome '${chrom}' is not in ${knownFile}, which has ${examples.join(', ')}${more}; use the genome that the coordinates belong to`,
    location,
  )
}

function withoutPrefix(name: string): string {
  const bare = name.replace(/^chr/i, '')
  return bare === 'M' ? 'MT' : bare
}
