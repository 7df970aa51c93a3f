/** The kinds of stages, in the order in which one takes what another made. */

/**
 * Each is the first part of its stages' names, e.g. `extract.cnn`, and the name of its command (`commandOf`). Where finished
 * runs are compared, `gather` stands in the place of those from `prepare` to `extract`.
 */
export const stageKinds = [
  'gather',
  'prepare',
  'train',
  'predict',
  'extract',
  'completions',
  'cluster',
  'logic',
  'compare',
  'explain',
  'evaluate',
  'merge',
] as const
export type StageKind = (typeof stageKinds)[number]

/** What a run does by itself, and a comparison of runs leaves to them. */
export const ownKinds: readonly StageKind[] = ['prepare', 'train', 'predict', 'extract']

/** What a run has only where somebody asks for it. */
export const optionalKinds: readonly StageKind[] = ['completions', 'explain', 'evaluate']

/** The command that does a stage: gathering has none of its own. */
export function commandOf(stage: string): string {
  const kind = stage.split('.', 1)[0]!
  return kind === 'gather' ? 'run' : kind
}

/** Those whose tables are made from others' tables, and stale when those change. */
export const derivedKinds: readonly StageKind[] = [
  'predict',
  'extract',
  'completions',
  'cluster',
  'logic',
  'compare',
  'explain',
  'evaluate',
]

/** @returns undefined for a stage that no other takes from */
export function kindOf({ stage }: { readonly stage: string }): StageKind | undefined {
  return stageKinds.find((kind) => kind === stage.split('.')[0])
}
