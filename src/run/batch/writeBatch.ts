/**
 * `sis batch SHEET`: checks all samples of a sheet at once and writes what their jobs run from. Nothing is computed, and where
 * one sample has a fault nothing is written.
 */
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { BackendError, ConfigError, DataError, SisError } from '../../base/errors.ts'
import { counted } from '../../base/format.ts'
import { toolVersion } from '../../base/toolVersion.ts'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import { makeDirectory } from '../../io/files/makeDirectory.ts'
import { toConfig, type Config } from '../config/configSchema.ts'
import { checkInputs } from '../inputs/checkInputs.ts'
import { sourceFiles } from '../inputs/sources.ts'
import type { RunEnvironment } from '../record/openRun.ts'
import { runDirectory } from '../record/runDirectory.ts'
import { checkModels } from '../record/runModels.ts'
import { readStageRecords } from '../record/stage.ts'
import { batchDirectory, type Batch, type BatchDirectory } from './batch.ts'
import { readSampleSheet, type Sample } from './sampleSheet.ts'
import { stageResources } from './stageResources.ts'

const pipelines = fileURLToPath(new URL('../../../pipelines/', import.meta.url))
const program = fileURLToPath(new URL('../../../bin/sis.js', import.meta.url))

/**
 * @param path of the sheet
 * @param shards into how many parts each extraction is divided
 * @param home the batch's directory; what is there of an earlier call is replaced, results stay
 * @throws one error that lists every fault of every sample
 */
export async function writeBatch(
  path: string,
  { shards, home }: { readonly shards: number; readonly home: string },
  { reporter, stdout }: Pick<RunEnvironment, 'reporter' | 'stdout'>,
): Promise<void> {
  const directory = batchDirectory(resolve(home))
  const { samples, faults } = await readSampleSheet(path)
  for (const sample of samples) {
    try {
      await checkSample(directory, sample)
    } catch (error) {
      if (!(error instanceof SisError)) throw error
      faults.push(inSample(sample, error))
    }
  }
  refuse(faults)
  makeDirectory(join(directory.path, 'configs'))
  const batch: Batch = { format: 'sis batch 1', command: [process.execPath, program], shards, samples: [] }
  for (const { name, config } of samples) {
    const text = stringify(config)
    const file = join('configs', `${name}.yaml`)
    await writeFileAtomically(join(directory.path, file), text)
    const inner = toConfig(config)
    batch.samples.push({
      name,
      config: file,
      run: join('runs', name),
      models: config.models.map((model) => model.name),
      key: keyOf(text, inner),
      resources: await stageResources(inner, shards),
    })
  }
  const rows = batch.samples.map(({ name, config, models }) => [name, config, models.join(' ')].join('\t'))
  await writeFileAtomically(directory.sheet, `${['sample\tconfig\tmodels', ...rows].join('\n')}\n`)
  await writeFileAtomically(directory.file, `${JSON.stringify(batch, undefined, 2)}\n`)
  const models = batch.samples.reduce((sum, sample) => sum + sample.models.length, 0)
  reporter.info(
    `${counted(samples.length, 'sample')}, ${counted(models, 'model')} in all, each extraction in ${counted(shards, 'shard')}; all inputs can be read`,
  )
  stdout.write(`${commandsFor(directory).join('\n')}\n`)
}

/** What starts all jobs of a batch, with Snakemake (there `slurm` may be `local`) and without. */
function commandsFor({ path }: BatchDirectory): string[] {
  const [snakefile, profile, script] = ['Snakefile', 'profiles/slurm', 'slurm.sh'].map((name) =>
    join(pipelines, name),
  )
  return [
    `snakemake --snakefile ${quoted(snakefile!)} --directory ${quoted(path)} --profile ${quoted(profile!)}`,
    `bash ${quoted(script!)} ${quoted(path)}`,
  ]
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}

async function checkSample({ path }: BatchDirectory, { name, config }: Sample): Promise<void> {
  if (config.runs !== undefined) {
    throw new ConfigError(
      "finished runs are compared by 'sis compare', not in a batch; take 'runs' out of the config",
    )
  }
  const inner = toConfig(config)
  const run = runDirectory(join(path, 'runs', name))
  checkModels({ directory: run, config: inner }, await readStageRecords(run), [])
  await checkInputs(inner, ['sequences', 'models', 'motifs'])
}

/** The same error with the sample's place and name before it. */
function inSample({ place, name }: Sample, error: SisError): SisError {
  const message = `${place}: sample '${name}': ${error.message}`
  if (error instanceof ConfigError) return new ConfigError(message, { cause: error })
  if (error instanceof BackendError) return new BackendError(message, { cause: error })
  return new DataError(message, {}, { cause: error })
}

function refuse(faults: readonly SisError[]): void {
  const [first, ...others] = faults
  if (first === undefined) return
  if (others.length === 0) throw first
  const list = [
    `${faults.length} faults, and nothing is written:`,
    ...faults.map(({ message }) => message),
  ].join('\n  ')
  throw faults.every((fault) => fault instanceof ConfigError) ? new ConfigError(list) : new DataError(list)
}

/** Of the config's text and of each input file's size and time: whether it is the same is asked often, content is hashed later. */
function keyOf(text: string, config: Config): string {
  const files = sourceFiles(config).map((file) => {
    const { size, mtimeMs } = statSync(file)
    return [file, size, mtimeMs]
  })
  return createHash('sha256')
    .update(JSON.stringify([toolVersion(), text, files]))
    .digest('hex')
    .slice(0, 16)
}
