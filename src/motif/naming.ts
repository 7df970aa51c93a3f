/** Whether a known motif may lend a motif its name: the one rule for log, tables, motifs.meme and report. */
import { fixed, significance } from '../base/format.ts'

/** A best match with a greater q-value is shown but names nothing. */
export const namingLevel = 0.05
/**
 * Bits of the sites, as many as two sure bases have: with fewer, a motif fits so many factors that no match names one. Not
 * more, since they may be spread thin: what a fully connected net has of CTCF is 5.2 bits over eleven columns, rightly named.
 */
export const leastSiteInformation = 4

export const namings = ['named', 'vague', 'unlike', 'not compared'] as const
/**
 * `named`: the best match says which factor binds there; `vague`: the sites say too little for any name, whatever matches;
 * `unlike`: they resemble no known motif.
 */
export type Naming = (typeof namings)[number]

/**
 * Both are of the same columns, the informative ones of the sites: an SIS may keep a few bases of a site that says much.
 * @param siteInformation bits, see `motifSites`
 * @param bestQValue of the best match; undefined where nothing was compared
 */
export function namingOf(siteInformation: number, bestQValue: number | undefined): Naming {
  if (bestQValue === undefined) return 'not compared'
  if (siteInformation < leastSiteInformation) return 'vague'
  return bestQValue <= namingLevel ? 'named' : 'unlike'
}

export interface NamingFacts {
  readonly naming: Naming
  /** Bits, see `motifSites`. */
  readonly siteInformation: number
  /** The best one; undefined where nothing was compared. */
  readonly match: MatchFacts | undefined
}

interface MatchFacts {
  readonly targetId: string
  /** Empty where the file of known motifs gives none. */
  readonly targetName: string
  readonly qValue: number
  readonly orientation: string
}

/** What ends a sentence about a motif, e.g. "matches CTCF (MA0139.1), q = 3.1e-9". */
export function nameClause({ naming, siteInformation, match }: NamingFacts): string {
  if (match === undefined) return 'was not compared with known motifs'
  if (naming === 'named') return `matches ${matchText(match)}`
  if (naming === 'vague')
    return `lies at sites that hold only ${fixed(siteInformation, 1)} bits: too few to name a factor`
  return `matches no known motif; the nearest is ${match.targetName || match.targetId}, ${qText(match.qValue)}`
}

/** e.g. "CTCF (MA0139.1), q = 3.1e-9, reverse strand" */
function matchText(match: MatchFacts): string {
  const name = match.targetName === '' ? match.targetId : match.targetName
  const id = name === match.targetId ? '' : ` (${match.targetId})`
  return `${name}${id}, ${qText(match.qValue)}${match.orientation === '-' ? ', reverse strand' : ''}`
}

/** Kept on one line, e.g. "q = 3.1e-9". */
export function qText(qValue: number): string {
  return `q\u00a0=\u00a0${significance(qValue)}`
}
