/** Motifs of parts found in a thread of its own: the same, while signals are heard. */
import { runInThread, type ThreadOptions } from '../base/thread.ts'
import {
  findPartMotifs,
  type PartMotifSearch,
  type PartMotifsOptions,
  type PlacedPart,
} from './partMotifs.ts'

/** Fewer are found in less time than a thread takes to start: a fifth of a second. */
const fewParts = 200

/** As `findPartMotifs`. @throws also the signal's reason, once the thread has ended */
export async function findPartMotifsInThread(
  parts: readonly PlacedPart[],
  options: PartMotifsOptions,
  thread: ThreadOptions,
): Promise<PartMotifSearch> {
  if (parts.length < fewParts) {
    thread.signal?.throwIfAborted()
    return findPartMotifs(parts, options, thread.progress)
  }
  // What else the caller keeps with a part is not sent.
  const placed = parts.map(({ codes, positions }) => ({ codes, positions }))
  return runInThread<typeof findPartMotifs>(
    ['./partMotifs', import.meta.url],
    'findPartMotifs',
    [placed, options],
    thread,
  )
}
