/** The predictor over a model, on the device that the user chose. */
import {
  loadBlackBox,
  loadModelDescription,
  loadNetwork,
  type ModelDescription,
} from '../model/artifact/artifact.ts'
import type { BlackBox } from '../model/foreign/importedModel.ts'
import type { Network } from '../model/network/network.ts'
import { openBlackBox, openNetwork, type Device } from '../predict/devices.ts'
import type { Predictor } from '../predict/predictor.ts'

export interface PredictorSettings {
  readonly background: readonly number[] // [4]
  readonly device: Device
  readonly batchSize?: number | undefined
  readonly threads?: number | undefined
}

/** A model that can be scored and explained. */
export type Model =
  | { readonly kind: 'network'; readonly network: Network }
  /** `refusal` says why its layers are not known. */
  | { readonly kind: 'black-box'; readonly blackBox: BlackBox; readonly refusal: string }

/** @throws BackendError where the device is not there, ConfigError where it cannot run this model */
export function openPredictor(model: Model, { device, ...settings }: PredictorSettings): Promise<Predictor> {
  return model.kind === 'network'
    ? openNetwork(model.network, device, settings)
    : openBlackBox(model.blackBox, device, settings)
}

/** @param path of an artifact */
export async function loadModel(path: string): Promise<{ description: ModelDescription; model: Model }> {
  const description = await loadModelDescription(path)
  const { blackBox } = description
  const model: Model =
    blackBox === null
      ? { kind: 'network', network: await loadNetwork(path, description) }
      : { kind: 'black-box', blackBox: await loadBlackBox(path, description), refusal: blackBox.refusal }
  return { description, model }
}

/** @param path of an artifact */
export async function openModel(path: string, settings: PredictorSettings): Promise<Predictor> {
  return openPredictor((await loadModel(path)).model, settings)
}

/** @returns L */
export function lengthOf(model: Model): number {
  return model.kind === 'network' ? model.network.inputLength : model.blackBox.input.length
}

/** @returns the names of the scores */
export function outputsOf(model: Model): readonly string[] {
  return model.kind === 'network' ? model.network.outputs : model.blackBox.output.outputs
}
