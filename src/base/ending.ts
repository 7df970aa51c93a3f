/** What must be done before this process ends at once, whatever it is at: half-written files removed, other processes ended. */

const acts = new Set<() => void>()

/**
 * @param act synchronous; it is called at most once
 * @returns takes it back: it is no longer needed
 */
export function beforeEnding(act: () => void): () => void {
  acts.add(act)
  return () => acts.delete(act)
}

/** For whoever is about to end this process. */
export function doBeforeEnding(): void {
  for (const act of [...acts]) {
    acts.delete(act)
    act()
  }
}
