/** Report: the page, from the database and the run's record. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import { loadExplorer } from '../../report/columns/loadExplorer.ts'
import { loadReportData } from '../../report/loadReportData.ts'
import { renderReport } from '../../report/page.ts'
import type { RunFacts } from '../../report/reportData.ts'
import { withDatabase } from '../../store/duckdb.ts'
import type { Config } from '../config/configSchema.ts'
import type { RunContext } from '../record/context.ts'
import { departuresFromExact } from '../config/departures.ts'
import { knownMotifsFile } from '../inputs/knownMotifs.ts'
import { requireCurrentTables } from '../record/databaseVersion.ts'
import { withGathered } from '../record/gatheredRecords.ts'
import { databaseWarning } from '../record/readiness.ts'
import { runRecordSchema, type RunRecord } from '../record/runRecord.ts'
import { genomeAssembly } from '../inputs/genomeAssembly.ts'
import { sourceFiles } from '../inputs/sources.ts'
import type { Stage, StageRecord } from '../record/stage.ts'
import { methodsFacts } from './reportMethods.ts'
import { orderingCurves } from './orderingCurves.ts'
import { kindOf } from '../record/stageKinds.ts'

/** As `extract` records them; a record of an earlier version has none. */
const departuresSchema = z.array(z.string()).default([])
const blockSizeSchema = z.int().default(1)
const clusterSettingsSchema = z.object({ partGap: z.int().optional() })

export function reportStage(context: RunContext): Stage {
  const { directory, config, reporter } = context
  return {
    name: 'report',
    // SIS found otherwise may be the same, and yet the page says how they were found.
    settings: { ...config.report, departures: departuresFromExact(config.extract) },
    inputs: () => [directory.database],
    async run() {
      const stale = await databaseWarning(directory)
      if (stale !== undefined) reporter.warn(stale)
      const task = reporter.task('writing report.html')
      const record = runRecordSchema.parse(JSON.parse(await readFile(directory.record, 'utf8')))
      const facts = await runFacts(context, { ...record, stages: withGathered(record.stages) }, stale)
      const { examples } = config.report
      const [data, explorer] = await withDatabase(
        directory.database,
        { readOnly: true, blame: directory.database },
        async (database) => {
          await requireCurrentTables(database, directory)
          return [
            await loadReportData(database, facts, { examples }),
            await loadExplorer(database, {
              curves: await orderingCurves(context, database, record.stages),
              genome: assemblyOf(config),
            }),
          ] as const
        },
      )
      await writeFileAtomically(directory.report, renderReport(data, explorer))
      task.end()
      return { outputs: [directory.report], details: {} }
    },
  }
}

function assemblyOf({ report, sequences }: Config): string | undefined {
  return genomeAssembly(
    report.assembly,
    sequences.sources.flatMap(({ genome }) => genome ?? []),
  )
}

export async function runFacts(
  { directory, config }: RunContext,
  record: RunRecord,
  stale: string | undefined,
): Promise<RunFacts> {
  const prepared = record.stages.filter((stage) => kindOf(stage) === 'prepare')
  // Compared runs have read theirs by themselves.
  const read =
    config.runs === undefined ? sourceFiles(config) : prepared.flatMap(({ inputs }) => Object.keys(inputs))
  const files = read.map((file) => basename(file))
  const text = await readFile(directory.config, 'utf8')
  const backendOf = (prefix: string): string =>
    distinct(record.stages, prefix, ({ backend }) => (typeof backend === 'string' ? backend : undefined))
  const engines = distinct(record.stages, 'extract.', ({ engine, engineReason }) =>
    typeof engine === 'string' ? `${engine} (${String(engineReason)})` : undefined,
  )
  const departures = record.stages
    .filter(({ stage }) => stage.startsWith('extract.'))
    .flatMap(({ details }) => departuresSchema.parse(details['departures']))
  const started = record.stages.at(-1)?.started ?? new Date(0).toISOString()
  return {
    title: config.report.title ?? basename(directory.path),
    dataSet: [...new Set(files)].join(', '),
    finished: started,
    seed: record.seed,
    command: ['sis', ...record.arguments].join(' '),
    config: text,
    versions: record.versions,
    backends: Object.fromEntries(
      [
        ['training', backendOf('train.')],
        ['prediction', backendOf('predict.')],
        ['SIS selection', selectionsOf(record.stages)],
        ['SIS engine', engines],
        ['SIS certificates', backendOf('extract.')],
      ].filter(([, backend]) => backend !== ''),
    ) as Record<string, string>,
    departures: [...new Set(departures)],
    feature: featureName(record.stages),
    stages: record.stages.map(({ stage, seconds }) => ({ name: stage, seconds })),
    inputs: Object.entries(
      Object.assign({}, ...prepared.map(({ inputs }) => inputs)) as Record<string, string>,
    ).map(([file, sha256]) => ({ file, sha256 })),
    // A record of the report's own is of the page before.
    warnings: [...(stale === undefined ? [] : [stale]), ...warningsOf(record)],
    quantileSplit: config.extract.quantileSplit,
    partGap: clusterSettingsSchema.parse(
      record.stages.find(({ stage }) => stage === 'cluster')?.settings ?? {},
    ).partGap,
    methods: methodsFacts(config, record),
    assembly: assemblyOf(config),
    knownMotifs: basename(knownMotifsFile(config)),
  }
}

function warningsOf({ stages }: RunRecord): string[] {
  return stages.filter(({ stage }) => stage !== 'report').flatMap(({ warnings }) => warnings)
}

function selectionsOf(stages: RunRecord['stages']): string {
  return distinct(stages, 'extract.', ({ selection, batchFeatures, gradientBackend }) => {
    if (typeof selection !== 'string' || selection === 'exact') return 'exact'
    return `${selection}, ${String(batchFeatures)} a step, approximate; gradients by ${String(gradientBackend)}`
  })
}

/** Models may have been explained with different settings. */
function featureName(stages: RunRecord['stages']): string {
  const sizes = stages
    .filter(({ stage }) => stage.startsWith('extract.'))
    .map(({ details }) => blockSizeSchema.parse(details['blockSize']))
  const names = sizes.map((size) => (size === 1 ? 'base' : `block of ${size} bases`))
  return [...new Set(names)].join(' or ') || 'base'
}

/** What the stages of one kind tell, each text once. */
function distinct(
  stages: RunRecord['stages'],
  prefix: string,
  tell: (details: StageRecord['details']) => string | undefined,
): string {
  const told = stages.filter(({ stage }) => stage.startsWith(prefix)).map(({ details }) => tell(details))
  return [...new Set(told.filter((text) => text !== undefined))].join('; ')
}
