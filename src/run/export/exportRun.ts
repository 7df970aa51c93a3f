/** Export: what a run has found, in the formats of other tools. */
import type { Writable } from 'node:stream'
import { ConfigError } from '../../base/errors.ts'
import { count, counted, listed } from '../../base/format.ts'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import { writePieces } from '../../io/files/writePieces.ts'
import { bedChrom } from '../../io/features/bedFeatures.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { readRows } from '../../store/tableReader.ts'
import { withTables } from '../../store/withTables.ts'
import type { RunContext } from '../record/context.ts'
import { requireClustered, requireReady } from '../record/readiness.ts'
import { attributionFormats, exportAttributions, type AttributionFormat } from './attributions.ts'
import { instanceFormats, instanceText, type InstanceFormat } from './instanceText.ts'
import { instanceTables, selectInstances, type Coordinates, type InstanceCounts } from './instances.ts'
import type { MatrixKind } from './exportedMotifs.ts'
import { modiscoFile } from './modiscoFile.ts'
import { motifFileText, motifFormats, type MotifFormat } from './motifFileText.ts'

export const exportFormats = [...instanceFormats, ...motifFormats, 'modisco', ...attributionFormats] as const
type ExportFormat = (typeof exportFormats)[number]

export interface ExportOptions {
  readonly format: ExportFormat
  readonly output: Writable | string
  /** All unless given; `joint` names the motifs of all models together. */
  readonly model?: string | undefined
  /** Of motif files; `sites` unless given. */
  readonly matrix?: MatrixKind | undefined
  /** Of instances; `auto` unless given. */
  readonly coordinates?: Coordinates | undefined
  /** Of BED and GFF3: parts in no motif too. */
  readonly allParts?: boolean | undefined
  /** Of attributions: who made them; the only ones unless given. */
  readonly method?: string | undefined
}

/** @throws ConfigError where the run is not clustered, or an option says nothing about the format */
export async function exportRun(context: RunContext, options: ExportOptions): Promise<void> {
  const { format } = options
  refuseStray(options)
  if (isAttributionFormat(format)) {
    await requireReady(context, 'explain')
    await exportAttributions(context, { ...options, format })
    return
  }
  await requireReady(context, 'export')
  for (const table of ['sis_parts', 'motifs', 'motif_matches', 'clusterings'] as const) {
    await requireClustered(context.directory, table)
  }
  if (format === 'modisco') await exportModisco(context, options)
  else if (isMotifFormat(format)) await exportMotifs(context, { ...options, format })
  else await exportInstances(context, { ...options, format })
}

function isMotifFormat(format: ExportFormat): format is MotifFormat {
  return motifFormats.some((one) => one === format)
}

function isAttributionFormat(format: ExportFormat): format is AttributionFormat {
  return attributionFormats.some((one) => one === format)
}

/** An option that would change nothing was meant to. */
function refuseStray({ format, matrix, coordinates, allParts, model, method }: ExportOptions): void {
  if (isAttributionFormat(format)) {
    const given = { matrix, coordinates, 'all-parts': allParts }
    const stray = Object.entries(given).find(([, value]) => value !== undefined)?.[0]
    if (stray === undefined) return
    throw new ConfigError(`--${stray} says nothing of attributions (${attributionFormats.join(', ')})`)
  }
  if (method !== undefined) {
    throw new ConfigError(`--method is for attributions (${attributionFormats.join(', ')})`)
  }
  if (isMotifFormat(format) || format === 'modisco') {
    if (format === 'modisco' && matrix !== undefined) {
      throw new ConfigError(
        `--matrix is for motif files (${motifFormats.join(', ')}); --as modisco holds both`,
      )
    }
    const stray = coordinates !== undefined ? 'coordinates' : allParts !== undefined ? 'all-parts' : undefined
    if (stray === undefined) return
    throw new ConfigError(
      `--${stray} is for instances (${instanceFormats.join(', ')}); --as ${format} writes matrices`,
    )
  }
  if (matrix !== undefined) {
    throw new ConfigError(
      `--matrix is for motif files (${motifFormats.join(', ')}); --as ${format} writes the places of motifs`,
    )
  }
  if (allParts !== undefined && format !== 'bed' && format !== 'gff3') {
    throw new ConfigError(
      `--all-parts is for bed and gff3; ${format === 'tsv' ? 'tsv has all parts' : `${format} has the sites of motifs`}`,
    )
  }
  if (model === 'joint') {
    throw new ConfigError(
      `--model joint is for motif files (${motifFormats.join(', ')}); a part belongs to a motif of its own model: name a model, or none for all`,
    )
  }
}

async function exportMotifs(
  { directory, config, reporter, signal }: RunContext,
  { format, model, matrix = 'sites', output }: ExportOptions & { readonly format: MotifFormat },
): Promise<void> {
  const names = (await readRows(directory.path, 'clusterings', ['name'])).map(({ name }) => name)
  refuseUnknown(model, names)
  const { background } = config.extract
  const file = await motifFileText(directory.path, format, { matrix, clustering: model, background })
  if (file.motifs === 0) reporter.warn('there is no motif to write')
  await writePieces([file.text], output, signal)
}

async function exportModisco(
  { directory, reporter }: RunContext,
  { model, output }: ExportOptions,
): Promise<void> {
  if (typeof output !== 'string')
    throw new ConfigError('--as modisco writes an HDF5 file: name it with --out')
  const names = (await readRows(directory.path, 'models', ['name'])).map(({ name }) => name)
  refuseUnknown(model, names)
  const chosen = model ?? names[0]!
  if (model === undefined && names.length > 1) {
    throw new ConfigError(
      `--as modisco holds one model's motifs: say which with --model; the run has ${listed(names)}`,
    )
  }
  const { bytes, patterns, seqlets, cut } = await modiscoFile(directory.path, chosen)
  await writeFileAtomically(output, bytes)
  if (cut > 0) reporter.warn(`${counted(cut, 'site')} reach beyond their sequence: left out`)
  reporter.info(`${counted(patterns, 'pattern')}, ${counted(seqlets, 'seqlet')}`)
}

async function exportInstances(
  { directory, reporter, signal }: RunContext,
  {
    format,
    model,
    output,
    coordinates = 'auto',
    allParts = false,
  }: ExportOptions & { readonly format: InstanceFormat },
): Promise<void> {
  const names = (await readRows(directory.path, 'models', ['name'])).map(({ name }) => name)
  refuseUnknown(model, names)
  if ((await tableFiles(directory.path, 'part_scores')).length === 0) {
    reporter.warn(`score_alone is empty: 'sis logic' scores each part alone`)
  }
  await withTables(directory.path, instanceTables, async (database) => {
    const selection = { model, coordinates, allParts: allParts || format === 'tsv' }
    const chromText = format === 'gff3' || format === 'finemo' ? (name: string) => name : bedChrom
    const counts = await selectInstances(database, selection, chromText)
    const note = noteOf(counts, coordinates)
    if (note !== undefined) reporter.warn(note)
    await writePieces(instanceText(database, format), output, signal)
  })
}

/** @throws ConfigError where genome coordinates are wanted and there are none */
function noteOf(counts: InstanceCounts, coordinates: Coordinates): string | undefined {
  const { instances, beyond, sequences, sequencesOnGenome } = counts
  const elsewhere = sequences - sequencesOnGenome
  const notes: string[] = []
  if (coordinates === 'genome' && sequences > 0 && sequencesOnGenome === 0) {
    throw new ConfigError(
      '--coordinates genome: the sequences of this run have none; BED with a genome, or FASTA whose names are chr:start-end, gives them',
    )
  }
  if (coordinates !== 'sequence' && sequencesOnGenome > 0 && elsewhere > 0) {
    const what =
      coordinates === 'genome'
        ? 'their instances are left out'
        : 'their instances lie in coordinates of the sequence itself, by its name (--coordinates genome leaves them out)'
    notes.push(
      `${count(elsewhere)} of ${counted(sequences, 'sequence')} have no genome coordinates, e.g. shuffled ones; ${what}`,
    )
  }
  if (beyond > 0) notes.push(`${counted(beyond, 'site')} wholly beyond the sequence's ends: left out`)
  if (instances === 0) notes.push('there is no instance to write')
  return notes.length === 0 ? undefined : notes.join('; ')
}

function refuseUnknown(model: string | undefined, names: readonly string[]): void {
  if (model === undefined || names.includes(model)) return
  throw new ConfigError(`--model ${model}: the run has ${listed(names)}`)
}
