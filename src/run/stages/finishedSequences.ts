/**
 * The sequences that an extraction has finished, in files beside its table until the table is whole: what an interrupted
 * run leaves and the next one goes on from. One JSON object a line and the CRC-32 of its text, appended now and then and at
 * once on interruption, so that a process killed outright loses seconds; a last line cut short is ignored, and the sequence
 * of a damaged line is done again. Each attempt appends to a file of its own, so that two that write at once (one on a node
 * that was given up and still lives) never touch each other's lines; all that match are read. Such a file may be removed at
 * any time: whoever still writes to it loses the way to go on, and no result.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { Reporter } from '../../base/reporter.ts'
import { asDiskError } from '../../io/files/atomicWrite.ts'
import { asReadError, errorCode } from '../../io/files/fileErrors.ts'
import { makeDirectory } from '../../io/files/makeDirectory.ts'
import type { ExtractedCollection, FinishedCollections } from '../../sis/extractCollections.ts'
import { selections, type SisCollection } from '../../sis/types.ts'

const separator = '\t'
const format = 'sis finished sequences 2'

/** A run that ends sooner writes no such file; a process killed outright loses no more. */
const millisecondsBetweenWrites = 5000

const headerSchema = z.strictObject({ format: z.literal(format), key: z.string() })

/** Scores are float32 and stay so to the bit: base64 of their bytes. */
const scores = z.base64()
const lineSchema = z.strictObject({
  id: z.int(),
  scoreFull: scores,
  selection: z.enum(selections),
  evaluations: z.int(),
  subsets: z.array(
    z.strictObject({
      features: z.array(z.int()),
      /** full, SIS, residual, masked */
      scores,
      minimal: z.boolean(),
      certified: z.boolean(),
      vacuous: z.boolean(),
      recomputed: z.boolean(),
    }),
  ),
})
type Line = z.output<typeof lineSchema>

export interface FinishedSequences extends FinishedCollections {
  /** @throws DataError where what was added before could not be written */
  add(finished: ExtractedCollection): void
  /**
   * To be called at the end: removes the file where the table has everything, else writes what is not yet written. It
   * never throws; what cannot be written is warned of.
   */
  close(done: boolean): void
}

export interface FinishedSequencesOptions {
  /** Of the stage and its engine: what was finished with another is removed. */
  readonly key: string
  /** What was added is written at once when it aborts. */
  readonly signal: AbortSignal
  readonly reporter: Reporter
}

/** @param path which the attempts' own files are named after: `net.partial` → `net~4f1c9a02.partial` */
export function openFinishedSequences(
  path: string,
  { key, signal, reporter }: FinishedSequencesOptions,
): FinishedSequences {
  const places = readPlaces(path, key, reporter)
  const files = new Set([...places.values()].map(({ file }) => file))
  const size = places.size
  const own = path.replace(ending, `${beforeAttempt}${randomBytes(4).toString('hex')}${suffix}`)
  let output: number | undefined
  let begun = false
  let waiting: string[] = []
  let timer: NodeJS.Timeout | undefined
  let failure: Error | undefined

  function write(): void {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0) return
    let before = 0
    try {
      makeDirectory(dirname(path))
      // Held open: where another attempt has removed it, what is written goes nowhere.
      output ??= openSync(own, 'ax')
      before = fstatSync(output).size
      writeFileSync(output, (begun ? waiting : [sealed({ format, key }), ...waiting]).join(''))
    } catch (error) {
      // What is appended later must not follow half a line.
      if (output !== undefined) ftruncateSync(output, before)
      throw asDiskError(error, own)
    }
    begun = true
    waiting = []
  }

  /** For callers that cannot be thrown at: the next `add` throws. */
  function writeLater(): void {
    try {
      write()
    } catch (error) {
      failure = error as Error
    }
  }

  signal.addEventListener('abort', writeLater, { once: true })
  return {
    size,
    get({ id, name }) {
      const place = places.get(id)
      return place === undefined ? undefined : collectionOf(name, readLine(place))
    },
    add({ id, collection }) {
      if (failure !== undefined) throw failure
      waiting.push(sealed(lineOf(id, collection)))
      timer ??= setTimeout(writeLater, millisecondsBetweenWrites).unref()
    },
    close(done) {
      clearTimeout(timer)
      signal.removeEventListener('abort', writeLater)
      for (const file of files) closeSync(file)
      if (!done) {
        try {
          write()
        } catch (error) {
          reporter.warn(
            `the last ${waiting.length} finished sequences could not be kept: ${(error as Error).message}`,
          )
        }
      }
      if (output !== undefined) closeSync(output)
      // An empty one is left where the disk was full.
      if (done) removeFinishedSequences(path)
      else if (!begun && output !== undefined) rmSync(own, { force: true })
    },
  }
}

/** No name of a model has it. */
const beforeAttempt = '~'
const suffix = '.partial'
const ending = /\.partial$/

/** @returns the part whose finished sequences a file has: `net~4f1c9a02.partial` → `net`; undefined for other files */
export function finishedPartOf(fileName: string): string | undefined {
  return ending.test(fileName) ? fileName.replace(ending, '').split(beforeAttempt, 1)[0] : undefined
}

/** Removes what all attempts at a part have left. */
function removeFinishedSequences(path: string): void {
  for (const file of attemptsAt(path)) rmSync(file, { force: true })
}

/** @returns the files of all attempts, in the order of their names */
function attemptsAt(path: string): string[] {
  const folder = dirname(path)
  const part = finishedPartOf(basename(path))
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    // What is wrong with the place is told by whoever writes there.
    if (error instanceof Error && 'syscall' in error) return []
    throw error
  }
  return names
    .filter((name) => finishedPartOf(name) === part)
    .sort()
    .map((name) => join(folder, name))
}

/** Where a line lies in a file, in bytes, without its line feed. */
interface Place {
  readonly at: number
  readonly length: number
}
interface PlaceInFile extends Place {
  /** Held open: another attempt may remove it. */
  readonly file: number
}

/** @returns the places of the finished sequences by id; files that have none are gone */
function readPlaces(path: string, key: string, reporter: Reporter): Map<number, PlaceInFile> {
  const places = new Map<number, PlaceInFile>()
  for (const name of attemptsAt(path)) {
    const file = openIfThere(name)
    if (file === undefined) continue
    const found = placesIn(file, name, key, reporter)
    if (found.size === 0) {
      closeSync(file)
      rmSync(name, { force: true })
    }
    for (const [id, place] of found) places.set(id, { ...place, file })
  }
  return places
}

/** @returns undefined where its attempt has come to its end, and removed it, since the folder was read */
function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw asReadError(error, path)
  }
}

function placesIn(file: number, path: string, key: string, reporter: Reporter): Map<number, Place> {
  const places = new Map<number, Place>()
  let lines = 0
  let damaged = 0
  for (const { text, at, length } of linesOf(file)) {
    const value = unsealed(text)
    if (lines === 0) {
      const header = headerSchema.safeParse(value)
      if (!header.success || header.data.key !== key) {
        if (value === undefined)
          reporter.warn(`${path}: is damaged, or of an earlier version; what it holds is done again`)
        else
          reporter.info(
            'what an interrupted run with other settings, inputs or engine had finished does not count',
          )
        return new Map()
      }
    } else {
      const line = lineSchema.safeParse(value)
      if (line.success) places.set(line.data.id, { at, length })
      else damaged++
    }
    lines++
  }
  if (damaged > 0) {
    reporter.warn(
      `${path}: ${damaged} of its ${lines - 1} lines ${damaged === 1 ? 'is' : 'are'} damaged; their sequences are done again`,
    )
  }
  return places
}

/** The lines that end in a line feed. */
function* linesOf(file: number): Generator<Place & { readonly text: string }> {
  const chunk = Buffer.alloc(1 << 20)
  let rest = Buffer.alloc(0)
  let at = 0
  for (let read: number; (read = readSync(file, chunk, 0, chunk.length, at + rest.length)) > 0;) {
    rest = Buffer.concat([rest, chunk.subarray(0, read)])
    let from = 0
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
      yield { text: rest.toString('latin1', from, end), at: at + from, length: end - from }
      from = end + 1
    }
    rest = rest.subarray(from)
    at += from
  }
}

/** A line with its checksum, which no JSON ends with. */
function sealed(value: object): string {
  const text = JSON.stringify(value)
  return `${text}${separator}${crc32(text).toString(16).padStart(8, '0')}\n`
}

/** @returns what a line holds, or undefined where it is not as it was written */
function unsealed(line: string): unknown {
  const end = line.lastIndexOf(separator)
  const text = line.slice(0, end)
  if (end < 0 || line.slice(end + 1) !== crc32(text).toString(16).padStart(8, '0')) return undefined
  return JSON.parse(text)
}

function readLine({ file, at, length }: PlaceInFile): Line {
  const buffer = Buffer.alloc(length)
  readSync(file, buffer, 0, length, at)
  return lineSchema.parse(unsealed(buffer.toString('latin1')))
}

function lineOf(id: number, { scoreFull, selection, evaluations, subsets }: SisCollection): Line {
  return {
    id,
    scoreFull: encode([scoreFull]),
    selection,
    evaluations,
    subsets: subsets.map(({ features, certificate, vacuous, recomputed }) => ({
      features: [...features],
      scores: encode([
        certificate.scoreFull,
        certificate.scoreSis,
        certificate.scoreResidual,
        certificate.scoreMasked,
      ]),
      minimal: certificate.minimal,
      certified: certificate.certified,
      vacuous,
      recomputed,
    })),
  }
}

function collectionOf(name: string, { scoreFull, selection, evaluations, subsets }: Line): SisCollection {
  return {
    name,
    scoreFull: decode(scoreFull)[0]!,
    selection,
    evaluations,
    subsets: subsets.map((subset, rank) => {
      const [full, sis, residual, nothing] = decode(subset.scores)
      const { features, minimal, certified, vacuous, recomputed } = subset
      return {
        rank,
        features: Int32Array.from(features),
        certificate: {
          scoreFull: full!,
          scoreSis: sis!,
          scoreResidual: residual!,
          scoreMasked: nothing!,
          minimal,
          certified,
        },
        vacuous,
        recomputed,
      }
    }),
  }
}

function encode(values: readonly number[]): string {
  return Buffer.from(Float32Array.from(values).buffer).toString('base64')
}

function decode(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
}
