/** The motifs of a model in colours and with letters, so that they are told apart where there are no colours, too. */
import type { MotifRef } from '../../report/logicFacts.ts'
import type { Paint } from '../../terminal/palette.ts'

/** Beyond these, motifs share the last. */
const formats = ['cyan', 'magenta', 'yellow', 'green', 'blueBright', 'red', 'white'] as const

export function paintMotif(text: string, motif: MotifRef | undefined, paint: Paint): string {
  if (motif === undefined) return paint('bold', text)
  return paint(['bold', formats[Math.min(motif.order, formats.length - 1)]!], text)
}

/** A, B, … of the largest motifs, Z of all beyond. */
export function motifKey({ order }: MotifRef): string {
  return String.fromCharCode('A'.charCodeAt(0) + Math.min(order, 25))
}

/** e.g. "TAL1 + 2 × GATA4" */
export function motifSetText(motifs: readonly MotifRef[]): string {
  if (motifs.length === 0) return 'no part in a motif'
  const times = new Map<number, number>()
  for (const { motifId } of motifs) times.set(motifId, (times.get(motifId) ?? 0) + 1)
  return [...times]
    .map(([id, n]) => {
      const { label } = motifs.find(({ motifId }) => motifId === id)!
      return n === 1 ? label : `${n} × ${label}`
    })
    .join(' + ')
}
