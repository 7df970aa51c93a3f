/** A model that was read proves itself by predicting: on random sequences it has to score as its runtime scores the file. */
import { DataError } from '../base/errors.ts'
import { Random } from '../base/random.ts'
import type { BlackBox, ImportedModel, OutputForm } from '../model/foreign/importedModel.ts'
import { devicesOf, useBlackBox } from '../predict/devices.ts'
import type { Predictor } from '../predict/predictor.ts'
import { baseCount, masked, unknown } from '../sequence/alphabet.ts'
import { type Model, openPredictor, type PredictorSettings } from './modelPredictor.ts'

const trials = 32

/** Of each score, or of 1 where the score is less. */
const tolerance = 1e-4

export interface ProvedModel {
  readonly model: Model
  /** Of importance to the user, in sentences without an end. */
  readonly notes: readonly string[]
}

/**
 * A network has to score as the runtime scores what it was read from; where there is none, or it scores otherwise, the model
 * is a black box.
 * @param file named in errors
 * @throws DataError where the model cannot be run, or gives scores that are no numbers
 */
export async function proveModel(
  { network, blackBox, leftInside }: ImportedModel,
  file: string,
  settings: PredictorSettings,
): Promise<ProvedModel> {
  if ('refusal' in network) {
    if (blackBox === undefined) throw new DataError(`cannot be run: ${network.refusal}`, { file })
    const proved = await proveBlackBox(blackBox, leftInside, file, settings)
    const { scores, outputs } = proved.trial
    return {
      model: { kind: 'black-box', blackBox: proved.blackBox, refusal: network.refusal },
      notes: [...notesOf(scores, outputs.length), ...roundingNotes(proved.leftInside)],
    }
  }
  const model: Model = { kind: 'network', network }
  const predictor = await inFile(file, openPredictor(model, settings))
  const { scores } = await trialOf(predictor, file).finally(() => predictor.close())
  const notes = notesOf(scores, network.outputs.length)
  if (blackBox === undefined) return { model, notes }
  let proved: ProvedBlackBox
  try {
    proved = await proveBlackBox(blackBox, leftInside, file, deviceFor(blackBox, settings))
  } catch (error) {
    // Seen: padding 'same' of dilated convolutions, which ONNX Runtime does not compute.
    if (!(error instanceof DataError)) throw error
    return { model, notes: [...notes, `not checked against its runtime, which fails: ${error.message}`] }
  }
  const gap = largestGap(scores, proved.trial.scores)
  if (gap <= tolerance) return { model, notes }
  // A graph that we misread is still explained, as what it is.
  const refusal = `read layer by layer it scores up to ${gap.toPrecision(2)} otherwise than its runtime does; please report it`
  return {
    model: { kind: 'black-box', blackBox: proved.blackBox, refusal },
    notes: [...notes, ...roundingNotes(proved.leftInside)],
  }
}

/** A network runs on any device, what it was read from only on some. */
function deviceFor({ executable }: BlackBox, settings: PredictorSettings): PredictorSettings {
  const able = devicesOf[executable.kind].some((name) => name === settings.device)
  return able ? settings : { ...settings, device: 'auto' }
}

interface ProvedBlackBox {
  /** Its outputs named, nothing cut off where that would change its scores. */
  readonly blackBox: BlackBox
  readonly leftInside: string | undefined
  readonly trial: TrialScores
}

/** Scores what it gives, in one session of its runtime, with its last activation cut off and without. */
function proveBlackBox(
  blackBox: BlackBox,
  leftInside: string | undefined,
  file: string,
  { device, ...settings }: PredictorSettings,
): Promise<ProvedBlackBox> {
  const { cut, ...whole } = blackBox.output
  const proved = useBlackBox(blackBox, device, settings, async (read): Promise<ProvedBlackBox> => {
    const tried = async (output: OutputForm) => trialOf(await read(output), file)
    const provedAs = (output: OutputForm, trial: TrialScores, inside = leftInside): ProvedBlackBox => ({
      blackBox: { ...blackBox, output: { ...output, outputs: trial.outputs } },
      leftInside: inside,
      trial,
    })
    if (cut === undefined) return provedAs(blackBox.output, await tried(blackBox.output))
    const agrees = await scoresAlike(tried, blackBox.output, whole)
    return agrees
      ? provedAs(blackBox.output, await tried(blackBox.output))
      : provedAs(whole, await tried(whole), `its last activation (${cut.function})`)
  })
  return inFile(file, proved)
}

/** Whether two ways of reading one output give the same scores, before they are transformed. */
async function scoresAlike(
  tried: (output: OutputForm) => Promise<TrialScores>,
  one: OutputForm,
  other: OutputForm,
): Promise<boolean> {
  try {
    const first = await tried({ ...one, transform: 'none' })
    const second = await tried({ ...other, transform: 'none' })
    return largestGap(first.scores, second.scores) <= tolerance
  } catch (error) {
    // What its runtime cannot run at all is told where the whole is tried.
    if (error instanceof DataError) return false
    throw error
  }
}

/** A runtime does not know the file. */
function inFile<Result>(file: string, result: Promise<Result>): Promise<Result> {
  return result.catch((error: unknown) => {
    if (!(error instanceof DataError) || error.location.file !== undefined) throw error
    throw new DataError(error.message, { file }, { cause: error })
  })
}

function roundingNotes(leftInside: string | undefined): string[] {
  if (leftInside === undefined) return []
  return [
    `its runtime computes ${leftInside} in float32, close to the end, where it cannot be cut off: orderings of small scores may depend on how the runtime rounds; export the model with its numbers before that as output, and name the transform`,
  ]
}

interface TrialScores {
  readonly scores: Float32Array // [trials, outputs]
  readonly outputs: readonly string[]
}

async function trialOf(predictor: Predictor, file: string): Promise<TrialScores> {
  const scores = await predictor.predict(trialCodes(predictor.width), trials)
  const strange = scores.findIndex((score) => !Number.isFinite(score))
  if (strange >= 0) {
    throw new DataError(
      `gives the score ${scores[strange]!} for a random sequence; check the weights, the input order and the transform`,
      { file },
    )
  }
  return { scores, outputs: predictor.outputs }
}

/** Random bases; some masked and some unknown in every other row. */
function trialCodes(width: number): Uint8Array {
  const random = new Random(1, 'trial sequences')
  return Uint8Array.from({ length: trials * width }, (_, i) => {
    const code = random.below(baseCount)
    const kind = random.below(8)
    return Math.floor(i / width) % 2 === 0 || kind > 1 ? code : kind === 0 ? masked : unknown
  })
}

function largestGap(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity
  return a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i]!) / Math.max(1, Math.abs(x))), 0)
}

function notesOf(scores: Float32Array, outputs: number): string[] {
  const constant = Array.from({ length: outputs }, (_, t) => t).filter((t) => {
    for (let row = 1; row < trials; row++) if (scores[row * outputs + t] !== scores[t]) return false
    return true
  })
  return constant.length === 0
    ? []
    : [
        `output ${constant.join(', ')} gives ${trials} random sequences one score; check that the input order, the alphabet and the output are the model's`,
      ]
}
