/** A set of motifs: the site matrices of a run, or those of a motif file. */
import { existsSync, statSync } from 'node:fs'
import { ConfigError } from '../../base/errors.ts'
import { listed } from '../../base/format.ts'
import { readKnownMotifs } from '../../io/motifs/knownMotifs.ts'
import type { Matrix } from '../../sequence/matrix.ts'
import { exportedMotifs } from '../export/exportedMotifs.ts'
import { openRun, type RunEnvironment } from '../record/openRun.ts'
import { requireClustered } from '../record/readiness.ts'

export interface NamedMatrix {
  /** Unique. */
  readonly id: string
  /** Of the factor, where one is known. */
  readonly name: string | undefined
  readonly ppm: Matrix // [width][4]
  readonly nsites: number | undefined
}

/**
 * @param path run directory or motif file
 * @param names ids or factors' names of those wanted; all unless given
 * @throws ConfigError where there is no such motif, DataError where the file holds none
 */
export async function readMotifSet(
  path: string,
  names: readonly string[] | undefined,
  environment: RunEnvironment,
): Promise<NamedMatrix[]> {
  if (!existsSync(path)) throw new ConfigError(`${path} does not exist; give a run directory or a motif file`)
  const all = await (statSync(path).isDirectory() ? ofRun : ofFile)(path, environment)
  if (names === undefined) return all
  const wanted = new Set(names)
  const chosen = all.filter(({ id, name }) => wanted.has(id) || (name !== undefined && wanted.has(name)))
  const absent = names.find((one) => !chosen.some(({ id, name }) => id === one || name === one))
  if (absent === undefined) return chosen
  throw new ConfigError(`--motif ${absent}: ${path} has ${listed(all.map(({ id }) => id))}`)
}

async function ofRun(path: string, environment: RunEnvironment): Promise<NamedMatrix[]> {
  const { directory, config } = await openRun(path, {}, environment)
  await requireClustered(directory, 'motifs')
  return exportedMotifs(directory.path, { matrix: 'sites', background: config.extract.background })
}

async function ofFile(path: string, { reporter }: RunEnvironment): Promise<NamedMatrix[]> {
  const motifs = await readKnownMotifs(path, (note) => {
    reporter.warn(note)
  })
  return motifs.map(({ id, name, ppm, nsites }) => ({
    id,
    name: name === id ? undefined : name,
    ppm,
    nsites,
  }))
}
