/** What stands in the place of masked bases, as the config says it, and what contradicts it. */
import { ConfigError } from '../../base/errors.ts'
import { isComposition, type FillKind } from '../../completion/fills.ts'
import { uniformBackground } from '../../sequence/alphabet.ts'
import type { ConfigFile } from './configSchema.ts'

/** Completions in the place of masks. */
export interface Fill {
  readonly kind: FillKind
  readonly completions: number
}

/** @returns undefined where bases are masked */
export function fillOf({ fill }: { readonly fill: string }): Fill | undefined {
  if (fill === 'mask') return undefined
  const [kind, count] = fill.split(':') as [FillKind, string]
  return { kind, completions: Number(count) }
}

/**
 * @param place names the place of a key path in messages
 * @throws ConfigError where completions are asked for that there cannot be, or with what they cannot go together
 */
export function checkFills(
  { extract, completions }: ConfigFile,
  place: (path: readonly PropertyKey[]) => string,
): void {
  const { background } = extract
  const noShares = `the background (${background.join(', ')}) is no shares of A, C, G and T that sum to 1, so no bases can be drawn by it`
  if (completions?.fills.includes('background') === true && !isComposition(background)) {
    throw new ConfigError(
      `${place(['completions', 'fills'])}: ${noShares}; leave background out: shuffled, others`,
    )
  }
  const fill = fillOf(extract)
  if (fill === undefined) return
  const here = place(['extract', 'fill'])
  if (fill.kind === 'background') {
    if (!isComposition(background)) throw new ConfigError(`${here}: ${noShares}; fill by shuffled or others`)
  } else if (background.some((share, base) => share !== uniformBackground[base])) {
    throw new ConfigError(
      `${here}: with ${extract.fill} no base becomes the background, yet one is given (${background.join(', ')}); remove either, or fill by background:${fill.completions}`,
    )
  }
  if (extract.selection !== 'exact') {
    throw new ConfigError(
      `${here}: ${extract.selection} selects by gradients of masked bases, and with ${extract.fill} none is masked; use selection exact`,
    )
  }
  if (extract.engine === 'incremental') {
    throw new ConfigError(
      `${here}: engines compute what one mask changes, and with ${extract.fill} nothing is masked; use engine auto or naive`,
    )
  }
}
