/**
 * The library: `import { openModel, extractCollections } from 'sis'`. What stands here is promised by semantic versioning; nothing
 * else of the package is.
 */
export { BackendError, ConfigError, DataError, SisError } from './base/errors.ts'
export type { DataLocation, ExitCode } from './base/errors.ts'
export type { ProgressTask, Reporter } from './base/reporter.ts'

export { decodeSequence, encodeSequence } from './sequence/alphabet.ts'
export { readFasta } from './io/sequences/fasta.ts'
export type { ReadFastaOptions } from './io/sequences/fasta.ts'
export type { BadRecordHandler } from './io/sequences/badRecords.ts'
export type { SequenceRecord, Split } from './sequence/sequenceSet.ts'

export { openModel } from './library/model.ts'
export type { OpenModel, OpenModelOptions } from './library/model.ts'
export type { NamedSequence } from './library/sequences.ts'
export type { Device } from './predict/devices.ts'

export { quantileThreshold } from './sis/threshold.ts'
export type { Decision } from './sis/decision.ts'
export { certify, extractCollections, openEngine } from './library/explain.ts'
export type { ExplainedSequence, ExtractOptions, OpenEngineOptions, SequenceSis } from './library/explain.ts'
export type { Engine, EnginePreference } from './engine/engine.ts'
export type { Certificate, Selection } from './sis/types.ts'

export { compareMotifs, findMotifs } from './library/motifs.ts'
export type { FindMotifsOptions, Motif, MotifComparison, MotifMember } from './library/motifs.ts'
export { readKnownMotifs } from './io/motifs/knownMotifs.ts'
export type { KnownMotif, MotifNote } from './io/motifs/motifText.ts'
export type { MotifSites } from './motif/sites.ts'
export type { ComparedMotif, MotifMatch } from './motif/motifMatch.ts'
export type { Naming } from './motif/naming.ts'
export type { Matrix } from './sequence/matrix.ts'

export { readTable } from './store/tableReader.ts'
export type { ReadOptions } from './store/tableReader.ts'
export type { Row, TableName } from './store/tables.ts'
