/** Several pieces of work at once, but no more than may be; what they give does not depend on how many. */

/**
 * @param most pieces at work at a time
 * @param signal ends all of them
 * @param work is given a signal that is also aborted where another piece fails
 * @returns results in the order of the items
 * @throws what the first piece to fail throws, once all have ended
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  most: number,
  signal: AbortSignal,
  work: (item: Item, index: number, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const results: Result[] = []
  let next = 0
  const one = async (): Promise<void> => {
    while (next < items.length && !either.aborted) {
      const index = next++
      results[index] = await work(items[index]!, index, either)
    }
  }
  const inOrderOfFailure: unknown[] = []
  await Promise.all(
    Array.from({ length: Math.min(most, items.length) }, () =>
      one().catch((error: unknown) => {
        inOrderOfFailure.push(error)
        failed.abort(error)
      }),
    ),
  )
  signal.throwIfAborted()
  if (inOrderOfFailure.length > 0) throw inOrderOfFailure[0]
  return results
}

/**
 * The same for pieces that come one after the other: the next are read while those before are at work.
 * @param most pieces held at a time
 * @returns results in the order of the pieces, each as soon as those before it are there
 */
export async function* mapInOrder<Item, Result>(
  items: AsyncIterable<Item>,
  most: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const held: Promise<Result>[] = []
  for await (const item of items) {
    const result = work(item)
    result.catch(() => undefined) // thrown where its turn comes
    held.push(result)
    if (held.length >= most) yield await held.shift()!
  }
  while (held.length > 0) yield await held.shift()!
}
