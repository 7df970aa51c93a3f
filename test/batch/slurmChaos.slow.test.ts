/**
 * A batch on a real SLURM cluster of three nodes, under Snakemake, while a node dies in mid-shard, another is cut off and writes
 * after the retry of its shard has finished, the controller is killed, and Snakemake itself is. Nothing may be lost or doubled.
 * Skipped where SLURM or Snakemake is not installed (Debian: slurmctld slurmd slurm-client munge snakemake); SNAKEMAKE names
 * another Snakemake.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leftBehind, program, tableHashes, writeSheet } from './tinySamples.ts'

const root = resolve(import.meta.dirname, '../..')
const snakemake = process.env['SNAKEMAKE'] ?? 'snakemake'
const sbin = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
const missing = ['slurmctld', 'slurmd', 'sbatch', 'munged', snakemake].filter(
  (name) => spawnSync('sh', ['-c', `command -v '${name}'`], { env: sbin }).status !== 0,
)
if (missing.length > 0) process.stderr.write(`skipped: SLURM chaos (no ${missing.join(', ')})\n`)

const directory = mkdtempSync(join(tmpdir(), 'sis-chaos-'))
const lab = join(directory, 'lab')
const batch = join(directory, 'batch')
const environment = {
  ...sbin,
  SLURM_CONF: join(lab, 'slurm.conf'),
  LAB_PORT: String(17_600 + (process.pid % 50) * 100),
}
const samples = 4
const shards = 4

function labDo(...args: string[]): void {
  execFileSync('bash', [join(import.meta.dirname, 'slurmLab.sh'), args[0]!, lab, ...args.slice(1)], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function squeue(): string {
  return spawnSync('squeue', ['--noheader', '--format=%i %j %T %N'], { env: environment, encoding: 'utf8' })
    .stdout
}

let log = ''

function startSnakemake(...args: string[]): { child: ChildProcess; ended: Promise<number | null> } {
  const all = ['--snakefile', join(root, 'pipelines/Snakefile'), '--directory', batch]
  all.push(
    '--profile',
    join(root, 'pipelines/profiles/slurm'),
    '--config',
    'threads=1',
    'cancel_orphans=1',
    ...args,
  )
  const child = spawn(snakemake, all, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (log += text))
  }
  return { child, ended: new Promise((done) => child.on('close', done)) }
}

/** A shard that is worked at: its mark, its process, and the node that it is on. */
interface Working {
  readonly mark: string
  readonly pid: number
  readonly node: string
}

/** @returns the attempts at shards that are under way */
function workingShards(): Working[] {
  const found: Working[] = []
  for (let i = 1; i <= samples; i++) {
    const stages = join(batch, `runs/s${i}/stages`)
    if (!existsSync(stages)) continue
    for (const name of readdirSync(stages).filter((one) => one.includes('attempt.tmp-'))) {
      try {
        const { stage, pid } = JSON.parse(readFileSync(join(stages, name, 'attempt.json'), 'utf8')) as {
          stage: string
          pid: number
        }
        const node = /SLURMD_NODENAME=(n\d)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1]
        if (stage.startsWith('extract.') && node !== undefined) {
          found.push({ mark: join(batch, `marks/s${i}/${stage}`), pid, node })
        }
      } catch {
        // It has just come to its end.
      }
    }
  }
  return found
}

async function until<T>(what: string, seconds: number, look: () => T | undefined | false): Promise<T> {
  const end = Date.now() + 1000 * seconds
  for (;;) {
    const found = look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}\n${squeue()}\n${log.slice(-3000)}`)
    await sleep(20)
  }
}

/** The processes of a node's jobs. */
function jobsOn(node: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const text = readFileSync(`/proc/${pid}/environ`, 'latin1')
        return (
          text.includes(`SLURM_CONF=${environment.SLURM_CONF}\0`) &&
          text.includes(`SLURMD_NODENAME=${node}\0`)
        )
      } catch {
        return false
      }
    })
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

describe.skipIf(missing.length > 0)('a batch on a cluster where everything dies once', () => {
  const expected = new Map<string, Record<string, string>>()
  let names: string[]

  beforeAll(async () => {
    const made = writeSheet(directory, samples)
    names = made.names
    execFileSync(process.execPath, [
      program,
      'batch',
      made.sheet,
      '--shards',
      String(shards),
      '--write',
      batch,
    ])
    for (const name of names) {
      const out = join(directory, 'whole', name)
      execFileSync(process.execPath, [
        program,
        'run',
        join(batch, `configs/${name}.yaml`),
        '--out',
        out,
        '--quiet',
      ])
      expected.set(name, await tableHashes(join(out, 'sis.duckdb')))
    }
    labDo('start')
  })
  afterAll(() => {
    if (existsSync(join(lab, 'slurm.conf'))) labDo('stop')
    rmSync(directory, { recursive: true, force: true })
  })

  it('ends with the tables of runs on one machine without shards', async () => {
    const began = Date.now()
    const told = (what: string): void => {
      process.stderr.write(`chaos, ${Math.round((Date.now() - began) / 1000)} s: ${what}\n`)
    }
    const first = startSnakemake()
    // A node dies in mid-shard.
    const dead = await until('a shard that is worked at', 150, () => workingShards()[0])
    labDo('kill-node', dead.node)
    expect(existsSync(dead.mark)).toBe(false)
    told(`node ${dead.node} killed in mid-shard`)

    // Another is cut off: the controller gives it up and has its shard done elsewhere, while it still lives.
    const cut = await until('a shard on another node', 60, () =>
      workingShards().find(({ node }) => node !== dead.node),
    )
    const zombies = jobsOn(cut.node)
    expect(zombies).toContain(cut.pid)
    signal(zombies, 'SIGSTOP')
    expect(existsSync(cut.mark)).toBe(false)
    labDo('lose-slurmd', cut.node)
    told(`node ${cut.node} cut off`)
    labDo('start-node', dead.node)

    // The controller is killed, and what it has not saved is lost.
    labDo('kill-ctld')
    await sleep(2000)
    labDo('start-ctld')
    told('controller killed and started again')

    await until('the retry of the shard that was cut off', 120, () => existsSync(cut.mark))
    const marked = statSync(cut.mark).mtimeMs
    expect(readFileSync(`/proc/${cut.pid}/stat`, 'latin1')).toMatch(/\) T /)
    signal(zombies, 'SIGCONT')
    await until('the end of the zombie', 60, () => !existsSync(`/proc/${cut.pid}`))
    expect(statSync(cut.mark).mtimeMs).toBe(marked)
    const logs = readdirSync(join(batch, 'logs')).map((name) =>
      readFileSync(join(batch, 'logs', name), 'utf8'),
    )
    expect(logs.filter((text) => text.includes('another attempt has done it')).length).toBeGreaterThan(0)
    told('the zombie wrote after its retry')
    labDo('start-node', cut.node)

    // Snakemake is killed with jobs under way, and run again.
    await until('jobs in the queue', 60, () => /RUNNING/.test(squeue()))
    first.child.kill('SIGKILL')
    await first.ended
    const orphans = squeue().trim().split('\n').length
    told(`snakemake killed with ${orphans} jobs in the queue`)
    expect(await startSnakemake('--unlock').ended).toBe(0)
    expect(await startSnakemake().ended, log.slice(-3000)).toBe(0)
    told('run again to its end')
    expect(log).toContain('jobs of a Snakemake that was killed')

    for (const name of names) {
      expect(await tableHashes(join(batch, `runs/${name}/sis.duckdb`)), name).toEqual(expected.get(name))
    }
    expect(leftBehind(join(batch, 'runs'))).toEqual([])
    const summary = readFileSync(join(batch, 'summary.tsv'), 'utf8').trimEnd().split('\n')
    expect(summary).toHaveLength(1 + 2 * samples)

    log = ''
    const jobs = readdirSync(join(batch, 'logs')).length
    expect(await startSnakemake().ended).toBe(0)
    expect(log).toContain('Nothing to be done')
    expect(readdirSync(join(batch, 'logs'))).toHaveLength(jobs)
    told('a third run did nothing')
    expect((Date.now() - began) / 1000).toBeLessThan(600)
  })
})
