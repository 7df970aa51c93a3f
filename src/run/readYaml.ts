/** YAML files that a config names: grammars, lists of layers. */
import { readFile } from 'node:fs/promises'
import { parse, YAMLError } from 'yaml'
import { ConfigError } from '../base/errors.ts'
import { asReadError } from '../io/fileErrors.ts'

/** @throws DataError where the file cannot be read, ConfigError with its line where it is not YAML */
export async function readYaml(file: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw asReadError(error, file)
  }
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof YAMLError)) throw error
    const line = error.linePos?.[0].line
    throw new ConfigError(
      `${file}${line === undefined ? '' : `:${line}`}: not YAML: ${error.message.split('\n')[0]!}`,
      { cause: error },
    )
  }
}
