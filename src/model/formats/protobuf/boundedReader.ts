/** Messages of a file that nobody vouches for, of which only so much is made. */
import { DataError } from '../../../base/errors.ts'
import { WireError, type WireField, wireFields } from './wire.ts'

/**
 * What a file may hold: each field is one, and what is made of a message in memory is worth eight more. Ten times more
 * than any model of sequences has (Enformer: 2,000 operators of about 50), and less than 200 MB.
 */
const largestContent = 2_000_000
const messageWorth = 8

/** Counts what is read of one file. */
export class BoundedReader {
  readonly #file: string
  #content = 0

  constructor(file: string) {
    this.#file = file
  }

  /** @throws DataError where the file holds more than any model, WireError where it is no message */
  *fields(message: Uint8Array): Generator<WireField> {
    this.count(messageWorth)
    for (const field of wireFields(message)) {
      this.count(1)
      yield field
    }
  }

  /** Takes note of what is kept besides fields and messages. */
  count(worth: number): void {
    this.#content += worth
    if (this.#content > largestContent) {
      throw this.fault(`holds more than ${largestContent} fields and messages; no model of sequences does`)
    }
  }

  fault(problem: string): DataError {
    return new DataError(problem, { file: this.#file })
  }
}

/**
 * @param what the file should be, with its article
 * @throws DataError where the bytes are no messages
 */
export function readBounded<Result>(
  file: string,
  what: string,
  read: (reader: BoundedReader) => Result,
): Result {
  const reader = new BoundedReader(file)
  try {
    return read(reader)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw new DataError(`is not ${what}, or is cut short (${error.message})`, { file }, { cause: error })
  }
}
