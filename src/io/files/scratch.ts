/**
 * Directories for what is half done. Their names say which process works in them, so that those of a process that was
 * killed are known and removed by the next one that works beside them.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { beforeEnding } from '../../base/ending.ts'

/** Whether a process of another machine lives cannot be known from here; no run takes so long over one file. */
const daysUntilAbandoned = 14

/** File names may have 255 bytes, and a letter up to 4. */
const longestPrefix = 40

const pattern = /\.tmp-([0-9a-f]{8})-(\d+)-(\d+)-[^-]{6}$/

/**
 * Makes a directory in `parent`, uses it, and removes it, also when the process is interrupted. First it removes from
 * `parent` what killed processes left there.
 * @param name what the directory is for
 */
export async function withScratch<T>(
  parent: string,
  name: string,
  use: (directory: string) => Promise<T>,
): Promise<T> {
  await removeAbandoned(parent)
  const directory = await mkdtemp(join(parent, `.${name.slice(0, longestPrefix)}.tmp-${owner()}-`))
  const removed = beforeEnding(() => rmSync(directory, { recursive: true, force: true }))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
    removed()
  }
}

/** Removes from a directory the scratch directories whose processes are no more. It need not exist. */
export async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await namesIn(parent)) {
    const match = pattern.exec(name)
    if (match === null) continue
    const [machine, pid, started] = [match[1]!, Number(match[2]), match[3]!]
    const path = join(parent, name)
    const abandoned = machine === thisMachine() ? !isAlive(pid, started) : isOld(path)
    // One that may not be removed, in the shared directory of all users, is another user's.
    if (abandoned) await rm(path, { recursive: true, force: true }).catch(ignoreForbidden)
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    // What is wrong with the place is told by whoever writes there.
    if (error instanceof Error && 'syscall' in error) return []
    throw error
  }
}

function ignoreForbidden(error: NodeJS.ErrnoException): void {
  if (!['EPERM', 'EACCES', 'EROFS', 'ENOTEMPTY'].includes(error.code ?? '')) throw error
}

/** A scratch directory as its name tells of it. */
export interface Scratch {
  readonly path: string
  /** What it is for, cut to `longestPrefix` letters. */
  readonly name: string
  readonly pid: number
  /** Whether its process is one of this machine's; of another's it is not known whether it lives. */
  readonly isOurs: boolean
  /** Of this process itself. */
  readonly isOwn: boolean
  readonly isAlive: boolean | undefined
}

/** The scratch directories in a directory, which need not exist. */
export async function scratchesIn(parent: string): Promise<Scratch[]> {
  const found: Scratch[] = []
  for (const name of await namesIn(parent)) {
    const match = pattern.exec(name)
    if (match === null) continue
    const [pid, isOurs] = [Number(match[2]), match[1] === thisMachine()]
    found.push({
      path: join(parent, name),
      name: name.slice(1, match.index),
      pid,
      isOurs,
      isOwn: isOurs && pid === process.pid,
      isAlive: isOurs ? isAlive(pid, match[3]!) : undefined,
    })
  }
  return found
}

/**
 * Removes what other attempts at a file have half done, when it is whole. One on another machine may live: what it writes is
 * not needed any more, and it fails. Those that are known to live are left to end by themselves.
 * @param path of the file
 */
export async function removeRivals(path: string): Promise<void> {
  // A longer name could be another file's.
  if (basename(path).length > longestPrefix) return
  for (const scratch of await scratchesIn(dirname(path))) {
    if (scratch.name === basename(path) && scratch.isAlive !== true) {
      await rm(scratch.path, { recursive: true, force: true }).catch(ignoreForbidden)
    }
  }
}

/** This process, among all that may work in one directory. */
function owner(): string {
  return `${thisMachine()}-${process.pid}-${startOf(process.pid) ?? 0}`
}

let machine: string | undefined

/** Stands for the processes that see each other: of one machine since it was started, or of one container of it. */
function thisMachine(): string {
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'))
  machine ??= createHash('sha256')
    .update(JSON.stringify([hostname(), boot, namespace]))
    .digest('hex')
    .slice(0, 8)
  return machine
}

/** @param started as `startOf` told of it; numbers of processes are given again */
function isAlive(pid: number, started: string): boolean {
  const fields = statOf(pid)
  // One that has ended stays known, as a zombie, until its parent asks; in a container perhaps nobody does.
  if (fields !== undefined) return fields[0] !== 'Z' && fields[startField] === started
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** @returns when a process began, in clock ticks since the machine did; undefined where there is none or Linux is not */
function startOf(pid: number): string | undefined {
  return statOf(pid)?.[startField]
}

/** Of what `statOf` gives. */
const startField = 19

/** @returns what Linux tells of a process from its state on; undefined where there is none or Linux is not */
function statOf(pid: number): string[] | undefined {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  // Before the state comes the program's name in parentheses, which may hold anything.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function isOld(path: string): boolean {
  const changed = read(() => statSync(path).mtimeMs)
  return changed !== undefined && Date.now() - changed > daysUntilAbandoned * 24 * 3600 * 1000
}

/** What the system tells, or undefined where it does not. */
function read<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined
    throw error
  }
}
