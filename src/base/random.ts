/**
 * Seeded random numbers: sfc32 (Chris Doty-Humphrey, PractRand), its state filled from an FNV-1a hash of the seed and
 * the names of the stream. A stream has a name so that what one part of a run draws never shifts what another draws.
 */

export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** @param stream names that set this stream apart from others of the same seed, e.g. ('shuffle', sequenceName) */
  constructor(seed: number, ...stream: readonly (string | number)[]) {
    const text = [seed, ...stream].join('\u0000')
    this.#a = fnv1a(text, 0x811c9dc5)
    this.#b = fnv1a(text, 0x9e3779b9)
    this.#c = fnv1a(text, 0x85ebca6b)
    for (let i = 0; i < 15; i++) this.uint32()
  }

  /** An integer in [0, 2^32). */
  uint32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (this.#c << 21) | (this.#c >>> 11)
    this.#c = (this.#c + t) | 0
    return t >>> 0
  }

  /** A number in [0, 1). */
  uniform(): number {
    return this.uint32() / 0x1_0000_0000
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /** A draw from the standard normal distribution (Box–Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }

  /** An index drawn with probability proportional to its weight. */
  weighted(weights: ArrayLike<number>): number {
    let total = 0
    for (let i = 0; i < weights.length; i++) total += weights[i]!
    let rest = this.uniform() * total
    for (let i = 0; i < weights.length - 1; i++) {
      rest -= weights[i]!
      if (rest < 0) return i
    }
    return weights.length - 1
  }

  /** Shuffles in place (Fisher–Yates). */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const held = items[i]
      items[i] = items[j]
      items[j] = held
    }
    return items
  }
}

/** FNV-1a over UTF-16 code units with a murmur3 finaliser, as an unsigned 32-bit integer. */
export function fnv1a(text: string, basis = 0x811c9dc5): number {
  let hash = basis
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
