/** YAML files that a config names: grammars, lists of layers. */
import { readFile } from 'node:fs/promises'
import { parse, YAMLError } from 'yaml'
import { ConfigError, oneLine } from '../../base/errors.ts'
import { asReadError } from '../../io/files/fileErrors.ts'

/** @throws DataError where the file cannot be read, ConfigError with its line where it is not YAML */
export async function readYaml(file: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw asReadError(error, file)
  }
  try {
    return parse(text, { logLevel: 'error' })
  } catch (error) {
    throw notYaml(error, file)
  }
}

/**
 * What a parser of YAML threw, with its line where it tells. It throws other errors too where aliases are repeated without
 * bounds or lead nowhere, or nodes lie too deep.
 */
export function notYaml(error: unknown, file: string): ConfigError {
  const line = error instanceof YAMLError ? error.linePos?.[0].line : undefined
  const reason = error instanceof RangeError ? 'it is nested too deeply' : oneLine(firstLine(error))
  return new ConfigError(`${file}${line === undefined ? '' : `:${line}`}: not YAML: ${reason}`, {
    cause: error,
  })
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!
}
