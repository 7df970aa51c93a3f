/**
 * Motifs compared with known ones: Tomtom (Gupta, Stamatoyannopoulos, Bailey, Noble, Genome Biology 8:R24, 2007) with the
 * complete scores of Tanaka, Bailey, Grant, Noble, Keich (Bioinformatics 27:1603, 2011), as MEME's Tomtom has them today.
 */
import type { ComparedMotif, MotifMatch } from './motifMatch.ts'
import { planTargets, TomtomKernel } from './tomtomKernel.ts'
import { RankedTargets, TargetTexts } from './tomtomMatches.ts'

/**
 * Column similarity is minus the Euclidean distance (Tomtom's default), less the query column's median over all target
 * columns: a query column that hangs over counts as median, so short overlaps have no edge over long ones. The null
 * draws target columns independently from all columns of all targets on both strands: the distribution of each span's
 * sum by dynamic programming, and of the best of all offsets and both strands as if offsets were independent,
 * P(best >= s) = 1 - prod over offsets of (1 - P(sum >= s))^2. With fewer than about 50 targets the null is poor; and it is
 * poor for columns of a query that say little: `matchMotifs` of compareMotifs.ts is for motifs from data.
 * @returns all targets of all queries, best first within each query
 */
export function tomtom(queries: readonly ComparedMotif[], targets: readonly ComparedMotif[]): MotifMatch[] {
  return [...tomtomOneByOne(queries, targets)].flatMap((ranked) => ranked.all())
}

/** The same, one query after another, each computed when it is asked for; a match is made when it is read. */
export function* tomtomOneByOne(
  queries: readonly ComparedMotif[],
  targets: readonly ComparedMotif[],
): Generator<RankedTargets> {
  if (targets.length === 0 || queries.length === 0) return
  const kernel = new TomtomKernel(planTargets(targets))
  const texts = new TargetTexts(targets)
  for (const query of queries) {
    yield new RankedTargets(query, texts, kernel.compare(query))
  }
}
