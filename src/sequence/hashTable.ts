/** A map from 53-bit hashes to 32-bit integers in two typed arrays: 24 to 48 bytes an entry, no object per entry. */

/**
 * cyrb53 (bryc, public domain) over bytes: a hash in [0, 2^53). Among a million distinct sequences two collide with a
 * probability of about 1 in 18,000.
 */
export function hash53(bytes: ArrayLike<number>): number {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    a = Math.imul(a ^ byte, 2654435761)
    b = Math.imul(b ^ byte, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 0x1_0000_0000 * (0x1f_ffff & b) + (a >>> 0)
}

export class HashTable {
  #size = 0
  #keys = new Float64Array(1024).fill(-1) // [capacity], a power of two; -1 where empty
  #values = new Int32Array(1024) // [capacity]

  get size(): number {
    return this.#size
  }

  get(hash: number): number | undefined {
    const slot = this.#slotOf(hash)
    return this.#keys[slot] === hash ? this.#values[slot] : undefined
  }

  set(hash: number, value: number): void {
    let slot = this.#slotOf(hash)
    if (this.#keys[slot] !== hash) {
      if (this.#size * 2 >= this.#keys.length) {
        this.#grow()
        slot = this.#slotOf(hash)
      }
      this.#size++
      this.#keys[slot] = hash
    }
    this.#values[slot] = value
  }

  /** Where the hash is, or the empty slot where it belongs. */
  #slotOf(hash: number): number {
    const mask = this.#keys.length - 1
    let slot = hash & mask
    while (this.#keys[slot] !== hash && this.#keys[slot] !== -1) slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    const keys = this.#keys
    const values = this.#values
    this.#keys = new Float64Array(keys.length * 2).fill(-1)
    this.#values = new Int32Array(keys.length * 2)
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === -1) continue
      const slot = this.#slotOf(keys[i]!)
      this.#keys[slot] = keys[i]!
      this.#values[slot] = values[i]!
    }
  }
}
