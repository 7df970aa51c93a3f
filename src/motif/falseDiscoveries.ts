/**
 * False discovery rates of a motif's hits in all that was scanned (Benjamini, Hochberg, J. R. Stat. Soc. B 57:289, 1995), from
 * how many hits have which score: the memory is that of the scores there can be, however many hits there are.
 *
 *     const rates = new FalseDiscoveries(motif, least)
 *     rates.add(windows, scores)
 *     rates.qValues()(score)
 */
import { pValueOf, type ScanMotif } from './scan.ts'

export class FalseDiscoveries {
  readonly #motif: ScanMotif
  readonly #least: number
  /** Hits of each score from `least` on. */
  readonly #hits: Float64Array
  #windows = 0

  /** @param least the lowest score that is a hit */
  constructor(motif: ScanMotif, least: number) {
    this.#motif = motif
    this.#least = least
    this.#hits = new Float64Array(motif.highest - least + 1)
  }

  /** Windows that were tested, hits or not. */
  addWindows(windows: number): void {
    this.#windows += windows
  }

  addHit(score: number): void {
    this.#hits[score - this.#least]!++
  }

  /**
   * @returns the q-value of a score: the smallest share of false hits, p × windows / hits, at which hits of this score are called.
   *   What scores less than `least` is not counted, so that a q-value may be too large, never too small.
   */
  qValues(): (score: number) => number {
    const rates = new Float64Array(this.#hits.length)
    let hits = 0
    for (let i = rates.length - 1; i >= 0; i--) {
      hits += this.#hits[i]!
      rates[i] = hits === 0 ? 1 : Math.min(1, (pValueOf(this.#motif, this.#least + i) * this.#windows) / hits)
    }
    // A score is called wherever a lower one is.
    for (let i = 1; i < rates.length; i++) rates[i] = Math.min(rates[i]!, rates[i - 1]!)
    return (score) => rates[score - this.#least]!
  }
}
