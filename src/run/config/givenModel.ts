/** A model as it is typed, e.g. `cnn`, `my-net.yaml` or `mine.onnx`, as an entry of a config. */
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { architectureNames } from '../../model/network/architecture.ts'

export type GivenModel = { readonly name: string } & Readonly<Record<string, unknown>>

/**
 * @param base what a path is relative to
 * @param ofFiles what is said of model files, by key of the config
 */
export function givenModel(
  text: string,
  base: string,
  ofFiles: Readonly<Record<string, unknown>> = {},
): GivenModel {
  const path = resolve(base, text)
  if (/\.ya?ml$/.test(text)) {
    return { name: basename(text).replace(/\.ya?ml$/, ''), architecture: path }
  }
  if (architectureNames.includes(text) || !(text.includes('/') || text.includes('.') || existsSync(path))) {
    return { name: text, architecture: text }
  }
  const name = basename(path)
    .replace(/\.(onnx|h5|hdf5|keras|json|txt)$/, '')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9_.-]+/g, '-')
  return { name, file: path, ...ofFiles }
}
