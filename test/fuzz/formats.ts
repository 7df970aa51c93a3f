/** Every format that is read: small intact files of it, which of them are damaged how often, and who reads them. */
import type { Reader } from './readers.ts'

export interface Format {
  readonly name: string
  /** In a folder of the format's own; those of the run are below `run`. */
  readonly files: Readonly<Record<string, Uint8Array | string>>
  /** The files that are damaged, one after the other. */
  readonly damaged: readonly string[]
  readonly reader: Reader
  readonly inputs: number
  /**
   * A checksum, or what an index says twice, tells damage: another answer than the intact file's is a fault. Otherwise damage
   * may read as another file of the format.
   */
  readonly isChecked: boolean
}
