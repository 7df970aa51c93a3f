/** The machine and the programs that figures were measured on; without them a figure means nothing. */
import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { packageVersions } from '../src/run/record/versions.ts'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly versions: Readonly<Record<string, string>>
  /** Of this repository, with `+` where files differ from it. */
  readonly commit: string
  /** Mean number of running processes in the minute before. */
  readonly load: number
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform}-${process.arch} ${release()}`,
    versions: packageVersions(),
    commit: commit(),
    load: Number(loadavg()[0]!.toFixed(2)),
  }
}

/** One line for under a table. */
export function machineLine({
  processor,
  cores,
  memoryGiB,
  system,
  versions,
  commit,
  load,
}: Machine): string {
  const programs = ['sis', 'node', 'onnxruntime-node'].map((name) => `${name} ${versions[name] ?? '?'}`)
  const busy = load > 0.5 ? `; the machine was busy (load ${load} before it began)` : ''
  return `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}; ${programs.join(', ')}; commit ${commit}${busy}`
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim()
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '..') === '' ? '' : '+')
  } catch {
    return 'unknown (no git)'
  }
}
