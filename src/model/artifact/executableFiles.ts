/** What a runtime needs to run a model as it is, as files of an artifact: one file, or `saved_model/`. */
import { createHash } from 'node:crypto'
import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { DataError } from '../../base/errors.ts'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import { asReadError } from '../../io/files/fileErrors.ts'
import { hashFile } from '../../io/files/hashFile.ts'
import type { Executable } from '../foreign/importedModel.ts'

export const modelFileName = 'model.onnx'
export const descriptionFileName = 'model.json'
const tfjsFileName = 'model.tfjs.json'
const savedModelName = 'saved_model'

/** @returns its hash */
export async function writeExecutable(directory: string, executable: Executable): Promise<string> {
  switch (executable.kind) {
    case 'onnx':
      await writeFileAtomically(join(directory, modelFileName), executable.bytes)
      return hashOf(executable.bytes)
    case 'tfjs-layers':
    case 'tfjs-graph': {
      const { topology, weights } = executable
      const bytes = Buffer.from(
        JSON.stringify({
          topology,
          specs: weights.specs,
          data: Buffer.from(weights.data).toString('base64'),
        }),
      )
      await writeFileAtomically(join(directory, tfjsFileName), bytes)
      return hashOf(bytes)
    }
    case 'saved-model': {
      const target = join(directory, savedModelName)
      await rm(target, { recursive: true, force: true })
      await cp(executable.directory, target, { recursive: true, dereference: true })
      return hashOfDirectory(target)
    }
  }
}

const tfjsFileSchema = z.object({
  topology: z.unknown(),
  specs: z.array(z.looseObject({ name: z.string(), shape: z.array(z.int().min(0)), dtype: z.string() })),
  data: z.base64(),
})

/**
 * @param hash as `writeExecutable` returned it
 * @throws DataError where the files are others
 */
export async function readExecutable(
  directory: string,
  form: Executable['kind'],
  hash: string,
): Promise<Executable> {
  switch (form) {
    case 'onnx':
      return { kind: form, bytes: await readHashed(join(directory, modelFileName), hash) }
    case 'tfjs-layers':
    case 'tfjs-graph': {
      const bytes = await readHashed(join(directory, tfjsFileName), hash)
      const { topology, specs, data } = tfjsFileSchema.parse(JSON.parse(bytes.toString('utf8')))
      return { kind: form, topology, weights: { specs, data: Buffer.from(data, 'base64') } }
    }
    case 'saved-model': {
      const target = join(directory, savedModelName)
      if ((await hashOfDirectory(target)) !== hash) throw strange(target)
      return { kind: form, directory: target }
    }
  }
}

/** @throws DataError where the file has another hash */
export async function readHashed(file: string, hash: string): Promise<Buffer> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    throw asReadError(error, file)
  }
  if (hashOf(bytes) !== hash) throw strange(file)
  return bytes
}

function strange(file: string): DataError {
  return new DataError(
    `is not the model that ${descriptionFileName} beside it describes (other SHA-256); make it again or copy all files`,
    { file },
  )
}

/** @returns the SHA-256 of the sorted list of files and their SHA-256; throws DataError where it cannot be read */
export async function hashOfDirectory(directory: string): Promise<string> {
  return hashOfFiles(directory, (await filesIn(directory)).sort())
}

/** @returns the SHA-256 of the list of files, as seen from the directory, and their SHA-256 */
export async function hashOfFiles(directory: string, files: readonly string[]): Promise<string> {
  const list: string[] = []
  for (const file of files) list.push(`${relative(directory, file)} ${await hashFile(file)}`)
  return hashOf(Buffer.from(list.join('\n')))
}

/** @returns all files below a directory; throws DataError where it cannot be read */
export async function filesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  } catch (error) {
    throw asReadError(error, directory)
  }
}

/** @returns SHA-256 in hexadecimal */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
