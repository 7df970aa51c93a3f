/** The config of a comparison of finished runs: what they are called, which models there are, and where it lies. */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { ConfigError } from '../../base/errors.ts'
import { listed } from '../../base/format.ts'
import { configSchema, type ConfigFile } from '../config/configSchema.ts'
import { readConfigFile } from '../config/readConfig.ts'
import type { RunEnvironment } from '../record/openRun.ts'
import { asTyped } from '../record/readiness.ts'
import { runDirectory } from '../record/runDirectory.ts'
import { openFinishedRun } from './finishedRun.ts'

export interface Comparison {
  /** Its directory. */
  readonly path: string
  readonly config: ConfigFile
}

/**
 * @param paths of the runs, two or more
 * @param out directory of the comparison; `A-vs-B` below the working directory unless given
 * @throws ConfigError where a run is given twice or is not finished, or the directory is something else
 */
export async function comparisonOf(
  paths: readonly string[],
  out: string | undefined,
  environment: RunEnvironment,
): Promise<Comparison> {
  refuseTwice(paths)
  refuseFiles(paths)
  const names = namesOf(paths)
  const path = resolve(out ?? names.join('-vs-'))
  refuseInside(path, paths)
  const before = await earlierConfig(path, paths, out)
  const models: { name: string }[] = []
  for (const [i, name] of names.entries()) {
    const run = await openFinishedRun(name, paths[i]!, environment)
    models.push(...run.config.models.map((model) => ({ name: `${name}/${model.name}` })))
  }
  // How parts are clustered, and from which seed, the first run says, unless it was said of the comparison before.
  const first = await readConfigFile(runDirectory(resolve(paths[0]!)).config)
  const { seed, cluster } = before ?? first
  const config = {
    ...configSchema.parse({
      seed,
      runs: names.map((name, i) => ({ name, path: resolve(paths[i]!) })),
      sequences: { sources: [] },
      models,
    }),
    extract: first.extract,
    cluster,
    ...(before === undefined ? {} : { report: before.report }),
  }
  return { path, config }
}

function refuseTwice(paths: readonly string[]): void {
  const real = paths.map((path) => (existsSync(path) ? realpathSync(path) : resolve(path)))
  const twice = real.findIndex((path, i) => real.indexOf(path) < i)
  if (twice >= 0) throw new ConfigError(`${paths[twice]!} is given twice; give different runs`)
}

function refuseFiles(paths: readonly string[]): void {
  const file = paths.find((path) => existsSync(path) && statSync(path).isFile())
  if (file === undefined) return
  throw new ConfigError(
    `${file} is a file, not a run; two sets of motifs are compared by 'sis match ${paths.slice(0, 2).join(' ')}'`,
  )
}

/**
 * Each run is called as its directory; where two are called the same, as the directories above it too, as far as is needed.
 * @returns names that are parts of file names, each once
 */
export function namesOf(paths: readonly string[]): string[] {
  const folders = paths.map((path) =>
    resolve(path)
      .split(sep)
      .filter((folder) => folder !== ''),
  )
  const nameOf = (i: number, depth: number): string =>
    folders[i]!.slice(-depth)
      .map((folder) => folder.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9_.-]+/g, '-').replace(/^-+/, ''))
      .filter((folder) => folder !== '')
      .join('-') || 'run'
  const deepest = Math.max(...folders.map(({ length }) => length))
  const depths = paths.map(() => 1)
  const names = (): string[] => depths.map((depth, i) => nameOf(i, depth))
  for (let depth = 2; depth <= deepest; depth++) {
    const current = names()
    for (const i of paths.keys()) if (isTwice(current, i)) depths[i] = depth
  }
  // What is left differs in letters that names do not have.
  const last = names()
  return last.map((name, i) => (isTwice(last, i) ? `${name}-${i + 1}` : name))
}

function isTwice(names: readonly string[], i: number): boolean {
  return names.some((name, j) => j !== i && name === names[i])
}

/** @throws ConfigError where the comparison would lie in a run or hold one: their files would be taken for its own */
function refuseInside(path: string, paths: readonly string[]): void {
  for (const run of paths) {
    const way = relative(path, resolve(run))
    const back = relative(resolve(run), path)
    if (way === '' || !way.startsWith('..') || !back.startsWith('..')) {
      throw new ConfigError(
        `${asTyped({ path })}: a comparison cannot lie in a run that it compares, nor hold it; give another directory (--out)`,
      )
    }
  }
}

/**
 * @returns the config of the comparison of these runs that is there already; undefined where nothing is there
 * @throws ConfigError where something else is
 */
async function earlierConfig(
  path: string,
  paths: readonly string[],
  out: string | undefined,
): Promise<ConfigFile | undefined> {
  if (!existsSync(path)) return undefined
  const shown = asTyped({ path })
  const otherwise = `give another directory (--out)`
  const { config: file } = runDirectory(path)
  if (!existsSync(file)) {
    if (readdirSync(path).length === 0) return undefined
    throw new ConfigError(`${shown} is there already and is no run directory; ${otherwise}`)
  }
  const config = await readConfigFile(file)
  const runs = config.runs?.map((run) => run.path)
  if (runs === undefined) throw new ConfigError(`${shown} is a run, not a comparison of runs; ${otherwise}`)
  const given = paths.map((run) => resolve(run))
  if (runs.join('\n') !== given.join('\n')) {
    const which = out === undefined ? otherwise : 'give another directory, or remove it'
    throw new ConfigError(
      `${shown} compares other runs (${listed(runs.map((run) => asTyped({ path: run })))}); ${which}`,
    )
  }
  return config
}
