/** Which places of a genome windows of one length may still be drawn at. */

interface Occupied {
  /** Intervals to keep clear of, sorted and merged when first asked for. */
  intervals: [start: number, end: number][]
  merged: boolean
  /** Starts of the windows taken, by ⌊start / length⌋: disjoint windows of one length never share that number. */
  readonly taken: Map<number, number>
}

export class OccupiedPlaces {
  readonly #length: number
  readonly #byChromosome = new Map<string, Occupied>()

  /** @param length bases of every window */
  constructor(length: number) {
    this.#length = length
  }

  /** No window is to overlap this interval (0-based, half-open); one without bases is its base at `start`. */
  avoid(chrom: string, start: number, end: number): void {
    const occupied = this.#of(chrom)
    occupied.intervals.push([start, Math.max(end, start + 1)])
    occupied.merged = false
  }

  isFree(chrom: string, start: number): boolean {
    const { taken } = this.#of(chrom)
    const bucket = Math.floor(start / this.#length)
    for (let near = bucket - 1; near <= bucket + 1; near++) {
      const other = taken.get(near)
      if (other !== undefined && Math.abs(other - start) < this.#length) return false
    }
    const intervals = this.#merged(chrom)
    // The first interval that ends behind the window's start.
    let low = 0
    let high = intervals.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (intervals[middle]![1] > start) high = middle
      else low = middle + 1
    }
    return low === intervals.length || intervals[low]![0] >= start + this.#length
  }

  /** The window at a free place is taken. */
  take(chrom: string, start: number): void {
    this.#of(chrom).taken.set(Math.floor(start / this.#length), start)
  }

  #of(chrom: string): Occupied {
    let occupied = this.#byChromosome.get(chrom)
    if (occupied === undefined) {
      occupied = { intervals: [], merged: true, taken: new Map() }
      this.#byChromosome.set(chrom, occupied)
    }
    return occupied
  }

  #merged(chrom: string): readonly (readonly [number, number])[] {
    const occupied = this.#of(chrom)
    if (!occupied.merged) {
      const merged: [number, number][] = []
      for (const [start, end] of occupied.intervals.sort((a, b) => a[0] - b[0])) {
        const last = merged.at(-1)
        if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end)
        else merged.push([start, end])
      }
      occupied.intervals = merged
      occupied.merged = true
    }
    return occupied.intervals
  }
}
