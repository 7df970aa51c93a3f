/** Certificates: proof of a subset by fresh scores of the full predictor, whatever selector found it. */
import { decisionHolds, type Decision } from './decision.ts'
import { featureCount, maskFeature, writeKept } from './masking.ts'
import type { Certificate, MaskableInput, Scorer } from './types.ts'

/** What a certificate is about; kept features are 1. */
export interface Claim {
  /** The input as explained: what was present from the start. */
  readonly full: Uint8Array // [featureCount]
  /** Without this SIS and all found before it. */
  readonly residual: Uint8Array // [featureCount]
  /** The SIS. */
  readonly members: Int32Array
}

/**
 * Scores f(x), f(x_S), f(residual), f(all masked) and f(x_S) without each member: 4 + |S| evaluations. A subset that
 * fails is not an error here: `certified` is false, and the caller decides.
 */
export async function certify(
  scorer: Scorer,
  decision: Decision,
  input: MaskableInput,
  { full, residual, members }: Claim,
): Promise<Certificate> {
  const nothing = new Uint8Array(featureCount(input))
  const subset = nothing.slice()
  for (const member of members) subset[member] = 1
  const kept = [full, subset, residual, nothing]

  const scores = await scorer.score(input, kept.length + members.length, (target, offset, from, to) => {
    for (let row = from, at = offset; row < to; row++, at += scorer.width) {
      writeKept(input, kept[row] ?? subset, target, at)
      if (row >= kept.length) maskFeature(input, members[row - kept.length]!, target, at)
    }
  })
  const scoreSis = scores[1]!
  const sufficient = decisionHolds(decision, scoreSis)
  const minimal = !scores.subarray(kept.length).some((score) => decisionHolds(decision, score))
  return {
    scoreFull: scores[0]!,
    scoreSis,
    scoreResidual: scores[2]!,
    scoreMasked: scores[3]!,
    minimal,
    certified: sufficient && minimal,
  }
}
