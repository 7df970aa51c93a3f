/** How a reader tells of single bad records when it is asked to go on without them. */
import type { DataError } from '../../base/errors.ts'

/** Called once for every record that is left out; the error says where and why. */
export type BadRecordHandler = (error: DataError) => void
