/** A YAML file of the user's, such as a grammar or a list of layers. */
import { readFile } from 'node:fs/promises'
import { LineCounter, parseDocument } from 'yaml'
import { ConfigError } from '../base/errors.ts'
import { asReadError } from '../io/fileErrors.ts'
import { refuseWrongKind } from '../io/fileKind.ts'

/**
 * @returns its value, unchecked
 * @throws DataError where it cannot be read or is another kind of file, ConfigError with the line where it is not YAML
 */
export async function readYaml(file: string): Promise<unknown> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    throw asReadError(error, file)
  }
  refuseWrongKind(bytes, 'yaml', file)
  const lines = new LineCounter()
  const document = parseDocument(bytes.toString('utf8'), { lineCounter: lines })
  const [broken] = document.errors
  if (broken !== undefined) {
    const { line } = lines.linePos(broken.pos[0])
    throw new ConfigError(`${file}:${line}: not YAML: ${broken.message.split('\n')[0]}`)
  }
  return document.toJS()
}
