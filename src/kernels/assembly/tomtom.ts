/**
 * One motif (the query) compared with all known ones (the targets): ../../motif/tomtom.ts states the method, and
 * ../../motif/tomtomKernel.ts lays out the memory.
 */
import { align } from './tomtomAlignments'
import { scoreColumns } from './tomtomColumns'
import { lay } from './tomtomMemory'
import { rank } from './tomtomRanks'
import { tails } from './tomtomTails'

/** @returns bytes of work space that a query of this width needs */
export function workBytes(plan: usize, width: i32): f64 {
  return <f64>lay(plan, width)
}

/** Compares the query that stands where the work space begins. */
export function compare(plan: usize, width: i32): void {
  lay(plan, width)
  scoreColumns()
  align(plan)
  tails(plan)
  rank(plan)
}
