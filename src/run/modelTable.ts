/** What there is to say of a model: how it reads, its layers and their shapes, and which engine would explain it. */
import { openEngine } from '../engine/engine.ts'
import { writeLayers } from '../model/network/architectureSchema.ts'
import type { Layer, Network } from '../model/network/network.ts'
import {
  parameterCount,
  receptiveField,
  shapesAfter,
  totalParameters,
  type Shape,
} from '../model/network/shapes.ts'
import { baseCount, uniformBackground } from '../sequence/alphabet.ts'
import type { ModelOfFile } from '../import/importModel.ts'

export interface LayerRow {
  /** 1-based; `3.1` is the first layer inside the third. */
  readonly number: string
  readonly layer: string
  readonly shape: string
  readonly parameters: number
}

/** @returns facts by name, in order */
export function modelFacts({ model, source, notes }: ModelOfFile): [name: string, fact: string][] {
  const engine = openEngine(model.kind === 'network' ? model.network : model, {
    preference: 'auto',
    decision: { output: 0, direction: '>=' },
    background: uniformBackground,
    threads: 1,
  })
  const facts: [string, string][] = [['format', source?.format ?? 'sis']]
  if (model.kind === 'network') {
    const { inputLength, layers, strands, strandJoin, outputs } = model.network
    facts.push(
      ['input', `${inputLength} bases, [n, ${inputLength}, ${baseCount}]`],
      ['strands', strandJoin === undefined ? strands : `${strands}, ${strandJoin}`],
      ['outputs', outputs.join(', ')],
      ['parameters', totalParameters(layers, [inputLength, baseCount]).toLocaleString('en-US')],
      ['receptive field', `${Math.min(receptiveField(layers), inputLength)} bases a position`],
    )
  } else {
    const { input, output } = model.blackBox
    facts.push(
      [
        'input',
        `${input.length} bases, '${input.name}' [${input.batch ?? 'n'}, ${input.dims.join(', ')}], ${input.order}, channels ${input.alphabet}`,
      ],
      ['outputs', `${output.outputs.join(', ')} ('${output.name}', transform ${output.transform})`],
    )
  }
  facts.push(['engine', `${engine.name} (${engine.reason})`])
  for (const note of notes) facts.push(['note', note])
  return facts
}

/** @returns a row for each layer, those inside others after them */
export function layerRows({ layers, inputLength }: Network): LayerRow[] {
  return rowsOf(layers, [inputLength, baseCount], '')
}

function rowsOf(layers: readonly Layer[], input: Shape, prefix: string): LayerRow[] {
  const shapes = [input, ...shapesAfter(layers, input)]
  return layers.flatMap((layer, i) => {
    const number = `${prefix}${i + 1}`
    const before = shapes[i]!
    const row = {
      number,
      layer: layerText(layer),
      shape: `[${shapes[i + 1]!.join(', ')}]`,
      parameters: parameterCount(layer, before),
    }
    const inner = innerLayers(layer).flatMap((list, k, lists) =>
      rowsOf(
        list,
        before,
        lists.length === 1 ? `${number}.` : `${number}${'abcdefghijklmnopqrstuvwxyz'[k] ?? k}.`,
      ),
    )
    return [row, ...inner]
  })
}

/** As a config has it, on one line. */
function layerText(layer: Layer): string {
  if (layer.kind === 'residual' || layer.kind === 'concat') return layer.kind
  const [written] = writeLayers([layer])
  if (typeof written === 'string') return written
  const [kind, options] = Object.entries(written as object)[0] as [string, unknown]
  if (typeof options !== 'object' || options === null) return `${kind} ${String(options)}`
  const pairs = Object.entries(options).map(([key, value]) => {
    return `${key} ${Array.isArray(value) ? value.join('+') : String(value)}`
  })
  return [kind, pairs.join(', ')].join(' ')
}

function innerLayers(layer: Layer): readonly (readonly Layer[])[] {
  if (layer.kind === 'residual')
    return layer.shortcut === undefined ? [layer.layers] : [layer.layers, layer.shortcut]
  return layer.kind === 'concat' ? layer.branches : []
}
