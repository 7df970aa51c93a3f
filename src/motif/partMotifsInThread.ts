/** Motifs of parts found in a thread of its own: the same, while signals are heard. */
import { runInThread, type ThreadOptions } from '../base/thread.ts'
import type { findPartMotifs, PartMotifSearch, PartMotifsOptions, PlacedPart } from './partMotifs.ts'

/** As `findPartMotifs`. @throws also the signal's reason, once the thread has ended */
export function findPartMotifsInThread(
  parts: readonly PlacedPart[],
  options: PartMotifsOptions,
  thread: ThreadOptions,
): Promise<PartMotifSearch> {
  // What else the caller keeps with a part is not sent.
  const placed = parts.map(({ codes, positions }) => ({ codes, positions }))
  return runInThread<typeof findPartMotifs>(
    ['./partMotifs', import.meta.url],
    'findPartMotifs',
    [placed, options],
    thread,
  )
}
