/** The known motifs of a run: the file that the config names, else the consensus motifs that ship with the product. */
import { fileURLToPath } from 'node:url'
import type { Config } from '../config/configSchema.ts'

/** Textbook consensus motifs. */
export const shippedMotifs = fileURLToPath(new URL('../../../data/motifs/consensus.meme', import.meta.url))

export function knownMotifsFile(config: Config): string {
  return config.cluster.knownMotifs ?? shippedMotifs
}
