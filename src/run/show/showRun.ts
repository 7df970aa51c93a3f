/** Shows a run, or one model, motif or sequence of it, as text or as the facts that the text is made of. */
import { closest } from 'fastest-levenshtein'
import { ConfigError } from '../../base/errors.ts'
import type { Screen } from '../../terminal/palette.ts'
import { Sheet } from '../../terminal/sheet.ts'
import { elide, harmless } from '../../terminal/textWidth.ts'
import type { RunEnvironment } from '../record/openRun.ts'
import { loadFalsePositives } from './falsePositives.ts'
import { loadMotif } from './loadMotif.ts'
import { loadSequence, sequenceNames } from './loadSequence.ts'
import { modelText } from './modelText.ts'
import { motifText } from './motifText.ts'
import { withShown, type Shown } from './openShown.ts'
import { sequenceText } from './sequenceText.ts'
import { summaryText } from './summaryText.ts'

export const showFormats = ['text', 'json'] as const

export interface ShowOptions {
  readonly model?: string | undefined
  readonly motif?: string | undefined
  readonly sequence?: string | undefined
  /** Most motifs, sets and sites. */
  readonly limit: number
  readonly format: (typeof showFormats)[number]
}

/** Names listed in an error. */
const namesListed = 8
const nameWidth = 60

/** @throws ConfigError where the run has nothing of that name */
export async function showRun(
  path: string,
  options: ShowOptions,
  environment: RunEnvironment,
): Promise<void> {
  const screen: Screen = environment.stdout
  const text = await withShown(path, environment, async (shown) => {
    const sheet = Sheet.of(screen, process.env)
    const facts = await show(sheet, shown, options)
    return options.format === 'json' ? `${JSON.stringify(facts, undefined, 2)}\n` : sheet.text()
  })
  screen.write(text)
}

/** @returns what was shown, as plain values */
async function show(
  sheet: Sheet,
  shown: Shown,
  { model, motif, sequence, limit }: ShowOptions,
): Promise<unknown> {
  const { data, database } = shown
  const { models, comparison } = data
  if (motif !== undefined) {
    const motifs = [
      ...models.flatMap((one) => one.clustering?.motifs ?? []),
      ...(comparison?.clustering?.motifs ?? []),
    ]
    const found = motifs.find(({ name }) => name === motif)
    if (found === undefined)
      throw unknownName(
        'motif',
        motif,
        motifs.map(({ name }) => name),
      )
    const facts = await loadMotif(database, found, limit)
    motifText(sheet, facts)
    return facts
  }
  if (sequence !== undefined) {
    const facts = await loadSequence(database, sequence)
    if (facts.length === 0) throw unknownName('sequence', sequence, await sequenceNames(database, sequence))
    for (const one of facts) sequenceText(sheet, one)
    return facts
  }
  const falsePositives = await loadFalsePositives(database)
  if (model !== undefined) {
    const found = models.find(({ name }) => name === model)
    if (found === undefined)
      throw unknownName(
        'model',
        model,
        models.map(({ name }) => name),
      )
    modelText(sheet, found, data.run, falsePositives, limit)
    return { ...found, falsePositives: falsePositives.find(({ modelId }) => modelId === found.modelId) }
  }
  summaryText(sheet, shown, falsePositives, limit)
  return { ...data, falsePositives }
}

function unknownName(noun: string, given: string, names: readonly string[]): ConfigError {
  const said = (name: string): string => `'${elide(harmless(name), nameWidth)}'`
  const begin = `--${noun} ${elide(harmless(given), nameWidth)}: the run has no such ${noun}`
  if (names.length === 0) return new ConfigError(begin)
  if (names.length <= namesListed) return new ConfigError(`${begin}; it has ${names.map(said).join(', ')}`)
  return new ConfigError(`${begin}; did you mean ${said(closest(given, names))}?`)
}
