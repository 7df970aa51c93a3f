/** Whether a known motif may lend a motif its name: the one rule for log, tables, motifs.meme and report. */

/** A best match with a greater q-value is shown but names nothing. */
export const namingLevel = 0.05
/** Bits of the sites, as many as three sure bases have: with fewer, a motif fits so many factors that no match names one. */
export const leastSiteInformation = 6

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
