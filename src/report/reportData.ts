/** What the page shows, as plain values: `loadReportData` reads it from a run's database, `renderReport` draws it. */
import type { Naming } from '../motif/naming.ts'
import type { SplitSkill } from '../train/chance.ts'
import type { Matrix } from '../sequence/matrix.ts'
import type { CardFacts, EnrichmentFacts, KnownMatch } from './cardFacts.ts'
import type { LogicFacts, MotifRef } from './logicFacts.ts'
import type { ReachFacts } from './reachFacts.ts'
import type { ExampleAttribution, ScorecardFacts } from './scorecardFacts.ts'
import type { MethodsFacts } from './methodsFacts.ts'

export interface ReportData {
  readonly run: RunFacts
  readonly sequences: SequenceFacts
  /** In the order of `model_id`. */
  readonly models: readonly ModelFacts[]
  /** Undefined where the run has one model. */
  readonly comparison: ComparisonFacts | undefined
}

/** What the database does not know: how the run was made. The caller fills it from run.json. */
export interface RunFacts {
  readonly title: string
  /** One line on where the sequences came from, e.g. the files' names. */
  readonly dataSet: string
  /** ISO 8601. */
  readonly finished: string
  readonly seed: number
  /** What was typed. */
  readonly command: string
  /** The resolved config, as YAML or JSON text. */
  readonly config: string
  /** Package name → version. */
  readonly versions: Readonly<Record<string, string>>
  /** What ran, e.g. `training` → `tfjs-wasm`, `inference` → `onnxruntime-node 1.30.0, cpu`. */
  readonly backends: Readonly<Record<string, string>>
  /** What sets the SIS apart from those of the exact method, base by base: sentences without an end; mostly none. */
  readonly departures: readonly string[]
  /** What 1-minimality is about: `base`, or e.g. `block of 4 bases`. */
  readonly feature: string
  readonly stages: readonly { readonly name: string; readonly seconds: number }[]
  readonly inputs: readonly { readonly file: string; readonly sha256: string }[]
  readonly warnings: readonly string[]
  /** The split whose predictions a quantile τ is of, or `all`. */
  readonly quantileSplit: string
  /** Masked bases between parts, where that was asked for; undefined where it was learnt. */
  readonly partGap: number | undefined
  readonly methods: MethodsFacts
  /** Of the genome that coordinates are on, as UCSC calls it; undefined where it was not said. */
  readonly assembly: string | undefined
  /** The file that motifs were compared with; undefined where none was given. */
  readonly knownMotifs: string | undefined
}

export interface SequenceFacts {
  /** One entry a split and label that occur. */
  readonly groups: readonly SequenceGroup[]
  readonly shortest: number
  readonly longest: number
}

interface SequenceGroup {
  readonly split: string
  /** The first label; null where unlabelled. */
  readonly label: number | null
  readonly count: number
}

export interface ModelFacts {
  readonly modelId: number
  readonly name: string
  readonly architecture: string
  /** Null where the layers are not known. */
  readonly parameters: number | null
  readonly outputName: string
  readonly direction: '>=' | '<='
  /** τ */
  readonly threshold: number
  /** Null where τ was given. */
  readonly quantile: number | null
  readonly background: readonly number[]
  /** f(all masked) */
  readonly scoreMasked: number
  readonly metrics: readonly SplitMetrics[]
  /** Undefined where neither the test nor the validation split holds positives and negatives. */
  readonly skill: SplitSkill | undefined
  /** Scores of the test split from high to low, in groups that share no score; empty without labelled test sequences. */
  readonly ranking: readonly RankedGroup[]
  /** Of the test split, over [0, 1] or the range of the scores. */
  readonly scores: ScoreHistogram | undefined
  readonly history: readonly EpochFacts[]
  readonly explained: ExplainedFacts
  readonly subsets: SubsetFacts
  /** Undefined where its SIS were not tried in real contexts. */
  readonly reach: ReachFacts | undefined
  readonly clustering: ClusteringFacts | undefined
  /** Undefined where it is not worked out yet. */
  readonly logic: LogicFacts | undefined
  readonly examples: readonly ExampleSequence[]
  /** Undefined where no planted positions are known. */
  readonly truth: TruthFacts | undefined
  /** SIS and other methods; undefined where nothing was evaluated. */
  readonly scorecard: ScorecardFacts | undefined
}

interface SplitMetrics {
  readonly split: string
  readonly auroc: number | null
  readonly auprc: number | null
}

export interface RankedGroup {
  readonly positives: number
  readonly negatives: number
}

export interface ScoreHistogram {
  readonly low: number
  readonly high: number
  readonly positives: readonly number[] // [bins]
  /** Label 0 or none. */
  readonly others: readonly number[] // [bins]
}

interface EpochFacts {
  /** 1-based. */
  readonly epoch: number
  readonly loss: number
  readonly validLoss: number | null
}

/** Which sequences were explained, of which there were to explain. */
export interface ExplainedFacts {
  /** The splits that hold explained sequences, in order. */
  readonly splits: readonly SplitCounts[]
}

export interface SplitCounts {
  readonly split: string
  readonly sequences: number
  /** Whose score gives the decision. */
  readonly called: number
  /** With an SIS that keeps a base. */
  readonly explained: number
  /** Of the explained, with a label for the output. */
  readonly labelled: number
  /** Of them, those whose label is 0. */
  readonly negatives: number
  /** Sequences whose SIS is empty. */
  readonly empty: number
}

/** Of SIS that keep a base: empty ones say nothing of their sequence and are only counted. */
export interface SubsetFacts {
  /** Sequences with at least one SIS. */
  readonly explained: number
  readonly stored: number
  readonly certified: number
  readonly recomputed: number
  /** Sequences whose SIS is empty: the decision holds with everything masked. */
  readonly decidedByBackground: number
  /** [n]: sequences that have n SIS, index 0 unused. */
  readonly perSequence: readonly number[]
  /** [n]: SIS of n bases. */
  readonly sizes: readonly number[]
}

export interface ClusteringFacts {
  readonly method: string
  /** Of all SIS, single bases included. */
  readonly parts: number
  /** Parts of one base: in no motif by definition. */
  readonly singleBases: number
  /** The other parts that are in no motif. */
  readonly noise: number
  /** By size, the largest first. */
  readonly motifs: readonly MotifFacts[]
}

export interface MotifFacts extends MotifRef {
  readonly nsites: number
  /** Parts in it. */
  readonly size: number
  /** SIS, and sequences, that have such a part. */
  readonly sis: number
  readonly sequences: number
  /** Of its parts, those that lie on a site of it but were in no cluster. */
  readonly adopted: number
  /** In [0, 1]: mean Jaccard index with the cluster that resamples of the parts form. */
  readonly stability: number
  /** Clusters of nearly equal parts that it was made of. */
  readonly clustersMerged: number
  /** One with its own reverse complement. */
  readonly palindrome: boolean
  /** What its parts score by themselves; undefined where they were not scored. */
  readonly alone: AloneFacts | undefined
  readonly consensus: string
  /** Bits of the kept bases, summed over columns. */
  readonly information: number
  readonly ppm: Matrix // [width][4]
  /** What the sequences have there, masked bases included. */
  readonly sitePpm: Matrix // [columns][4]
  /** Motif column of its first row; negative where the sites begin before the motif. */
  readonly siteOffset: number
  /** IUPAC. */
  readonly siteConsensus: string
  /** Bits over the sequences' composition, summed over the informative columns of the sites. */
  readonly siteInformation: number
  /** Whether the best known match names it. */
  readonly naming: Naming
  /** The best known match; undefined where nothing was compared. */
  readonly match: KnownMatch | undefined
  /** The best few, the best first. */
  readonly known: readonly KnownMatch[]
  /** Where its parts lie in the sequences; undefined where it has none. */
  readonly places: PlaceFacts | undefined
  /** Undefined where the sequences that were scanned do not hold both classes. */
  readonly enrichment: EnrichmentFacts | undefined
  /** Undefined for motifs that have none: small ones, and those of all models jointly. */
  readonly card: CardFacts | undefined
}

/** Middles of a motif's sites, by their position in the sequence. */
export interface PlaceFacts {
  /** Bases. */
  readonly binWidth: number
  /** Of the sequences. */
  readonly length: number
  /** Median distance from the middle of the sequences, in bases. */
  readonly centreDistance: number
  readonly counts: readonly number[] // [bins]
}

export interface AloneFacts {
  readonly median: number
  /** Parts that alone keep the decision. */
  readonly sufficient: number
}

/** A sequence whose SIS are drawn. */
export interface TrackedSequence {
  readonly name: string
  readonly sequence: string
  readonly split: string
  readonly label: number | null
  /** f(x) */
  readonly score: number
  /** In the order found. */
  readonly subsets: readonly ExampleSubset[]
  /** Planted sites; empty where none is known. */
  readonly planted: readonly PlantedSite[]
}

export interface ExampleSequence extends TrackedSequence {
  /** What other methods say of it; empty where none was asked. */
  readonly attributions: readonly ExampleAttribution[]
}

export interface ExampleSubset {
  readonly rank: number
  readonly positions: readonly number[] // ascending, 0-based
  readonly pattern: string
  readonly scoreSis: number
  readonly scoreResidual: number
  readonly minimal: boolean
  readonly certified: boolean
  /** From left to right; none where the SIS were not clustered. */
  readonly parts: readonly ExamplePart[]
}

export interface ExamplePart {
  /** Positions of the first and last kept base, 0-based. */
  readonly first: number
  readonly last: number
  /** Bases kept; 1: a single base. */
  readonly size: number
  /** Undefined where it is in none. */
  readonly motif: MotifRef | undefined
  /** Of the motif. */
  readonly strand: string | null
}

interface PlantedSite {
  readonly motif: string
  readonly strand: string
  readonly positions: readonly number[] // ascending, 0-based
}

export interface TruthFacts {
  readonly sequences: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

export interface ComparisonFacts {
  /** Undefined where the models were not clustered jointly. */
  readonly clustering: JointClusteringFacts | undefined
  /** One entry an ordered pair of models. */
  readonly crossSufficiency: readonly CrossSufficiency[]
  /** One entry an unordered pair of models. */
  readonly overlaps: readonly OverlapFacts[]
}

export interface JointClusteringFacts extends Omit<ClusteringFacts, 'motifs'> {
  readonly motifs: readonly JointMotifFacts[]
}

export interface JointMotifFacts extends MotifFacts {
  /** One entry a model, in the order of `models`. */
  readonly shares: readonly ClusterShare[]
  /** What each model has of it, in the joint motif's columns; one entry a model that has parts in it, for the largest motifs. */
  readonly ofModels: readonly ModelSites[]
}

/** The parts of one model in a joint motif. */
export interface ModelSites {
  readonly modelId: number
  readonly parts: number
  /** Bases of the sequences at the joint motif's site columns. */
  readonly sitePpm: Matrix // [columns][4]
  /** Of them, those that the model's SIS keep. */
  readonly keptPpm: Matrix // [columns][4]
}

export interface ClusterShare {
  readonly modelId: number
  /** Parts of the model's SIS in this cluster. */
  readonly parts: number
  /** SIS of the model that have such a part. */
  readonly sis: number
  /** The model's own motif that most of these parts are of; undefined where they are of none. */
  readonly ownMotif: number | undefined
}

export interface CrossSufficiency {
  /** Whose SIS. */
  readonly modelId: number
  /** Whose decision. */
  readonly otherModelId: number
  /** SIS that keep a base; none where the other model decides so with everything masked. */
  readonly tested: number
  readonly sufficient: number
}

export interface OverlapFacts {
  readonly modelId: number
  readonly otherModelId: number
  /** Sequences explained under both. */
  readonly sequences: number
  readonly mean: number
  readonly median: number
  /** [bins] sequences by Jaccard index of their SIS positions, over [0, 1]. */
  readonly histogram: readonly number[]
}
