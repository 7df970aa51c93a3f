/** Files that one stage wrote and another reads are held to the hash that the first recorded. */
import { DataError } from '../../base/errors.ts'
import { commandOf } from './stageKinds.ts'

/** What a stage recorded of its files. */
interface Written {
  readonly stage: string
  /** SHA-256 of each. */
  readonly outputs: Readonly<Record<string, string>>
}

/**
 * @param inputs SHA-256 by name of what is about to be read
 * @throws DataError for a file that is not as the stage which wrote it left it
 */
export function refuseChanged(
  inputs: Readonly<Record<string, string>>,
  written: readonly Written[],
  pathOf: (name: string) => string,
): void {
  for (const [name, hash] of Object.entries(inputs)) {
    const writers = written.filter(({ outputs }) => Object.hasOwn(outputs, name))
    const last = writers.at(-1)
    if (last === undefined || writers.some(({ outputs }) => outputs[name] === hash)) continue
    throw new DataError(
      `was damaged or changed after '${last.stage}' wrote it (other SHA-256); run 'sis ${commandOf(last.stage)}' again`,
      { file: pathOf(name) },
    )
  }
}
