/** Imports run one way: a room imports only from the rooms above it, and only two rooms touch a runtime. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, it } from 'vitest'

const rooms = [
  'base',
  'terminal',
  'kernels',
  'sequence',
  'io',
  'model',
  'predict',
  'import',
  'train',
  'sis',
  'engine',
  'completion',
  'explain',
  'cluster',
  'motif',
  'logic',
  'compare',
  'store',
  'report',
  'run',
  'cli',
  'library',
]
const source = resolve(import.meta.dirname, '../../src')

/** The package's one entry, above which there is no room. */
const entry = 'index.ts'

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\.(ts|js)$/.test(file),
)
const inRooms = files.filter((file) => file !== entry)

function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!)
}

/** The files of src that a file imports. */
function targetsOf(file: string): string[] {
  return importsOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(source, resolve(source, dirname(file), specifier)))
    .filter((target) => files.includes(target))
}

function roomOf(path: string): string {
  return path.split(sep)[0]!
}

describe('rooms', () => {
  it('are the directories of src, and every file lies in one', () => {
    expect(files.length).toBeGreaterThan(5)
    expect(inRooms.map(roomOf).filter((room) => !rooms.includes(room))).toEqual([])
  })

  it.each(inRooms)('%s imports only from rooms above it', (file) => {
    const room = rooms.indexOf(roomOf(file))
    const below = importsOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => relative(source, resolve(source, dirname(file), specifier)))
      .filter((target) => !target.startsWith('..') && rooms.indexOf(roomOf(target)) > room)
    expect(below).toEqual([])
  })

  it('know nothing of the entry', () => {
    expect(files.filter((file) => targetsOf(file).includes(entry))).toEqual([])
  })

  it('of the model room import one way: network, formats, gradient, foreign, artifact', () => {
    const parts = ['network', 'formats', 'gradient', 'foreign', 'artifact']
    const partOf = (file: string) => parts.indexOf(file.split(sep)[1]!)
    const inside = files.filter((file) => roomOf(file) === 'model')
    expect(inside.filter((file) => partOf(file) < 0)).toEqual([])
    const back = inside.flatMap((file) =>
      targetsOf(file)
        .filter((target) => roomOf(target) === 'model' && partOf(target) > partOf(file))
        .map((target) => `${file} → ${target}`),
    )
    expect(back).toEqual([])
  })

  it('import each other in no circle, not even of types', () => {
    const circles: string[] = []
    const done = new Set<string>()
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      if (done.has(file)) return
      done.add(file)
      for (const target of targetsOf(file)) visit(target, [...path, file])
    }
    for (const file of files) visit(file, [])
    expect(circles).toEqual([])
  })

  it('only predict and train import a runtime', () => {
    const runtimes = /^(onnxruntime-|@tensorflow\/)/
    const guilty = files.filter(
      (file) =>
        !['predict', 'train'].includes(roomOf(file)) && importsOf(file).some((name) => runtimes.test(name)),
    )
    expect(guilty).toEqual([])
  })

  it('every file tells its purpose in its first lines', () => {
    const silent = files.filter((file) => !/^(#!.*\n)?\/\*\*/.test(readFileSync(join(source, file), 'utf8')))
    expect(silent).toEqual([])
  })
})
