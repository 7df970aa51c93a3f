/** JSON of unknown content: parsed within a limit, looked at piece by piece. */
import { DataError } from '../../base/errors.ts'

/** What JSON calls an object. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The topology of any model is smaller. */
export const largestJson = 64 * 2 ** 20

/** @throws DataError naming the file where the bytes are no JSON, or too many */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  if (bytes.length > largestJson)
    throw new DataError(`has ${bytes.length} bytes of JSON; that is no model`, { file })
  return parseText(new TextDecoder().decode(bytes), file)
}

/** @throws DataError naming the file where the text is no JSON */
export function parseText(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DataError(
      `holds a configuration that is not JSON (${error instanceof Error ? error.message : String(error)})`,
      { file },
      { cause: error },
    )
  }
}
