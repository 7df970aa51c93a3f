/**
 * The sequences that an extraction has finished, in a file beside its table until the table is whole: what an interrupted
 * run leaves and the next one goes on from. One JSON object a line and the CRC-32 of its text, appended now and then and at
 * once on interruption, so that a process killed outright loses seconds; a last line cut short is ignored, and the sequence
 * of a damaged line is done again.
 */
import {
  appendFileSync,
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { Reporter } from '../../base/reporter.ts'
import { asDiskError } from '../../io/files/atomicWrite.ts'
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

/** @param path of the file, which need not be there */
export async function openFinishedSequences(
  path: string,
  { key, signal, reporter }: FinishedSequencesOptions,
): Promise<FinishedSequences> {
  const places = await readPlaces(path, key, reporter)
  const size = places.size
  const file = size > 0 ? openSync(path, 'r') : undefined
  let begun = size > 0
  let waiting: string[] = []
  let timer: NodeJS.Timeout | undefined
  let failure: Error | undefined

  function write(): void {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0) return
    const lines = begun ? waiting : [sealed({ format, key }), ...waiting]
    const before = begun ? statSync(path).size : 0
    try {
      makeDirectory(dirname(path))
      appendFileSync(path, lines.join(''))
    } catch (error) {
      // What is appended later must not follow half a line.
      if (existsSync(path)) truncateSync(path, before)
      throw asDiskError(error, path)
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
      return place === undefined ? undefined : collectionOf(name, readLine(file!, place))
    },
    add({ id, collection }) {
      if (failure !== undefined) throw failure
      waiting.push(sealed(lineOf(id, collection)))
      timer ??= setTimeout(writeLater, millisecondsBetweenWrites).unref()
    },
    close(done) {
      clearTimeout(timer)
      signal.removeEventListener('abort', writeLater)
      if (file !== undefined) closeSync(file)
      if (done) {
        rmSync(path, { force: true })
        return
      }
      try {
        write()
      } catch (error) {
        reporter.warn(
          `the last ${waiting.length} finished sequences could not be kept: ${(error as Error).message}`,
        )
      }
    },
  }
}

/** Where a line lies in the file, in bytes, without its line feed. */
interface Place {
  readonly at: number
  readonly length: number
}

/** @returns the places of the finished sequences by id; where there are none, the file is gone */
async function readPlaces(path: string, key: string, reporter: Reporter): Promise<Map<number, Place>> {
  const places = new Map<number, Place>()
  if (!existsSync(path)) return places
  let whole = 0
  let lines = 0
  let damaged = 0
  for await (const { text, at, length } of linesOf(path)) {
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
        rmSync(path)
        return places
      }
    } else {
      const line = lineSchema.safeParse(value)
      if (line.success) places.set(line.data.id, { at, length })
      else damaged++
    }
    lines++
    whole = at + length + 1
  }
  if (damaged > 0) {
    reporter.warn(
      `${path}: ${damaged} of its ${lines - 1} lines ${damaged === 1 ? 'is' : 'are'} damaged; their sequences are done again`,
    )
  }
  if (places.size === 0) rmSync(path)
  else truncateSync(path, whole)
  return places
}

/** The lines that end in a line feed. */
async function* linesOf(path: string): AsyncGenerator<Place & { readonly text: string }> {
  let rest = Buffer.alloc(0)
  let at = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    rest = Buffer.concat([rest, chunk as Buffer])
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

function readLine(file: number, { at, length }: Place): Line {
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
