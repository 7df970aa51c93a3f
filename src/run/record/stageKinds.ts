/** The kinds of stages, in the order in which one takes what another made. */

/** Each is the name of its command, and the first part of its stages' names, e.g. `extract.cnn`. */
export const stageKinds = [
  'prepare',
  'train',
  'predict',
  'extract',
  'cluster',
  'logic',
  'compare',
  'merge',
] as const
export type StageKind = (typeof stageKinds)[number]

/** Those whose tables are made from others' tables, and stale when those change. */
export const derivedKinds: readonly StageKind[] = ['predict', 'extract', 'cluster', 'logic', 'compare']

/** @returns undefined for a stage that no other takes from */
export function kindOf({ stage }: { readonly stage: string }): StageKind | undefined {
  return stageKinds.find((kind) => kind === stage.split('.')[0])
}
