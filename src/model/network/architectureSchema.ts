/**
 * How layers are written, in YAML and in model.json: a list whose items are a kind (`- flatten`) or a kind with its
 * options (`- conv1d: { filters: 128, kernel-size: 24 }`), keys in kebab-case.
 */
import { z } from 'zod'
import { ConfigError } from '../../base/errors.ts'
import type { LayerSpec } from './layerSpec.ts'
import { activationFunctions } from './network.ts'

const count = z.int().positive()
const positions = z.int().nonnegative()
const padding = (other: 'same' | 'valid') =>
  z
    .union([z.enum(['same', 'valid']), z.tuple([positions, positions])], {
      error: "use 'same', 'valid' or [before, after], two whole numbers from 0",
    })
    .default(other)
const activation = z.enum(activationFunctions)

const conv1d = z
  .strictObject({
    filters: count,
    'kernel-size': count,
    padding: padding('same'),
    dilation: count.default(1),
    activation: activation.optional(),
  })
  .transform((layer): LayerSpec[] => [
    {
      kind: 'conv1d',
      filters: layer.filters,
      kernelSize: layer['kernel-size'],
      padding: layer.padding,
      dilation: layer.dilation,
    },
    ...activated(layer.activation),
  ])

const dense = z
  .strictObject({ units: count, activation: activation.optional() })
  .transform((layer): LayerSpec[] => [{ kind: 'dense', units: layer.units }, ...activated(layer.activation)])

const pool = (kind: 'maxPool1d' | 'averagePool1d') =>
  z
    .strictObject({ size: count, stride: count.optional(), padding: padding('valid') })
    .transform((layer): LayerSpec[] => [
      { kind, size: layer.size, stride: layer.stride ?? layer.size, padding: layer.padding },
    ])

const edges = (kind: 'crop1d' | 'zeroPad1d') =>
  z
    .strictObject({ before: positions.default(0), after: positions.default(0) })
    .transform((layer): LayerSpec[] => [{ kind, ...layer }])

const bare = (layer: LayerSpec) => z.strictObject({}).transform((): LayerSpec[] => [layer])

/** Keras' own default, so that the same list means the same there. */
const defaultEpsilon = 0.001

const layerSchemas: Record<string, z.ZodType<LayerSpec[]>> = {
  conv1d,
  dense,
  'max-pool1d': pool('maxPool1d'),
  'average-pool1d': pool('averagePool1d'),
  crop1d: edges('crop1d'),
  'zero-pad1d': edges('zeroPad1d'),
  'global-max-pool': bare({ kind: 'globalMaxPool' }),
  'global-average-pool': bare({ kind: 'globalAveragePool' }),
  'batch-norm': z
    .strictObject({ epsilon: z.number().nonnegative().default(defaultEpsilon) })
    .transform((layer): LayerSpec[] => [{ kind: 'batchNorm', epsilon: layer.epsilon }]),
  flatten: bare({ kind: 'flatten' }),
  activation: activation.transform((name): LayerSpec[] => activated(name)),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .transform((rate): LayerSpec[] => [{ kind: 'dropout', rate }]),
  'split-channels': count.transform((groups): LayerSpec[] => [{ kind: 'splitChannels', groups }]),
  residual: z
    .union(
      [
        z.array(z.unknown()),
        z.strictObject({ layers: z.array(z.unknown()), shortcut: z.array(z.unknown()) }),
      ],
      { error: 'use a list of layers, or { layers: [..], shortcut: [..] }' },
    )
    .transform((written, context): LayerSpec[] => {
      if (Array.isArray(written)) return [{ kind: 'residual', layers: readItems(written, context) }]
      const [layers, shortcut] = (['layers', 'shortcut'] as const).map((key) =>
        readItems(written[key], context, [key]),
      )
      return [{ kind: 'residual', layers: layers!, shortcut: shortcut! }]
    }),
  concat: z
    .array(z.array(z.unknown(), { error: 'use a list of layers' }), {
      error: 'use a list of branches, each a list of layers',
    })
    .min(2, { error: 'a concat joins at least two branches' })
    .transform((branches, context): LayerSpec[] => [
      {
        kind: 'concat',
        // A branch without layers is the input itself.
        branches: branches.map((items, b) => (items.length === 0 ? [] : readItems(items, context, [b]))),
      },
    ]),
}

const layerKinds = Object.keys(layerSchemas)

/** A list of layers as written; its output is their specs. */
export const layersSchema = z.array(z.unknown()).transform((items, context) => readItems(items, context))

/**
 * @throws ConfigError naming the layer (1-based; `4.2` is the second inside residual layer 4), the key and the remedy
 */
export function parseLayers(items: readonly unknown[]): LayerSpec[] {
  const result = layersSchema.safeParse(items)
  if (result.success) return result.data
  const [{ path, message }, ...others] = result.error.issues as [z.core.$ZodIssue, ...z.core.$ZodIssue[]]
  const numbers = path.filter((part) => typeof part === 'number').map((i) => i + 1)
  const subject = numbers.length === 0 ? 'the architecture' : `layer ${numbers.join('.')}`
  throw new ConfigError(`${subject} ${message}${others.length > 0 ? ` (and ${others.length} more)` : ''}`)
}

function activated(name: (typeof activationFunctions)[number] | undefined): LayerSpec[] {
  return name === undefined ? [] : [{ kind: 'activation', function: name }]
}

/** @param within the option that the items are */
function readItems(
  items: readonly unknown[],
  context: z.RefinementCtx,
  within: readonly PropertyKey[] = [],
): LayerSpec[] {
  const complain = (path: PropertyKey[], message: string) =>
    context.issues.push({ code: 'custom', input: items, path: [...within, ...path], message })
  if (items.length === 0) complain([], 'has no layers')
  const layers: LayerSpec[] = []
  for (const [i, item] of items.entries()) {
    const named = kindOf(item)
    if (named === undefined) {
      complain([i], 'must be a kind of layer, or one kind with its options')
      continue
    }
    const [kind, options] = named
    const schema = Object.hasOwn(layerSchemas, kind) ? layerSchemas[kind] : undefined
    if (schema === undefined) {
      complain([i], `has the unknown kind '${kind}'; use one of ${layerKinds.join(', ')}`)
      continue
    }
    const result = schema.safeParse(options)
    if (result.success) layers.push(...result.data)
    else
      for (const issue of result.error.issues) {
        // Numbers in the path of a layer's own option are no layers.
        const path =
          issue.code === 'custom' ? issue.path : issue.path.filter((part) => typeof part === 'string')
        complain([i, kind, ...path], explain(issue, kind, options))
      }
  }
  return layers
}

function kindOf(item: unknown): [kind: string, options: unknown] | undefined {
  if (typeof item === 'string') return [item, {}]
  if (typeof item !== 'object' || item === null) return undefined
  const entries = Object.entries(item)
  const [first] = entries
  if (first === undefined || entries.length > 1) return undefined
  return [first[0], first[1] ?? {}]
}

/** What zod says of the options of one layer, in words that name the key and what it may be. */
function explain(issue: z.core.$ZodIssue, kind: string, options: unknown): string {
  const [key] = issue.path
  if (issue.code === 'unrecognized_keys') {
    const schema = layerSchemas[kind]
    const object = schema instanceof z.ZodPipe && schema.in instanceof z.ZodObject ? schema.in : z.object({})
    const known = Object.keys(object.shape)
    const remedy = known.length > 0 ? `use ${known.join(', ')}` : 'it has no options'
    return `(${kind}) has the unknown key '${issue.keys[0]!}'; ${remedy}`
  }
  // Only `readItems` makes custom issues: of the list of a residual layer, or of one of its layers, explained already.
  if (issue.code === 'custom') return key === undefined ? `(${kind}) ${issue.message}` : issue.message
  const value = key === undefined ? options : (options as Record<PropertyKey, unknown>)[key]
  if (key !== undefined && value === undefined) return `(${kind}) needs the key '${String(key)}'`
  const subject = key === undefined ? '' : `'${String(key)}' `
  return `(${kind}) ${subject}cannot be ${JSON.stringify(value)}: ${issue.message}`
}

/** Specs as they would be written; `parseLayers` reads them back. */
export function writeLayers(layers: readonly LayerSpec[]): unknown[] {
  return layers.map(writeLayer)
}

function writeLayer(layer: LayerSpec): unknown {
  switch (layer.kind) {
    case 'conv1d':
      return {
        conv1d: {
          filters: layer.filters,
          'kernel-size': layer.kernelSize,
          padding: layer.padding,
          dilation: layer.dilation,
        },
      }
    case 'dense':
      return { dense: { units: layer.units } }
    case 'batchNorm':
      return { 'batch-norm': { epsilon: layer.epsilon } }
    case 'activation':
      return { activation: layer.function }
    case 'maxPool1d':
      return { 'max-pool1d': { size: layer.size, stride: layer.stride, padding: layer.padding } }
    case 'averagePool1d':
      return { 'average-pool1d': { size: layer.size, stride: layer.stride, padding: layer.padding } }
    case 'crop1d':
      return { crop1d: { before: layer.before, after: layer.after } }
    case 'zeroPad1d':
      return { 'zero-pad1d': { before: layer.before, after: layer.after } }
    case 'globalMaxPool':
      return 'global-max-pool'
    case 'globalAveragePool':
      return 'global-average-pool'
    case 'dropout':
      return { dropout: layer.rate }
    case 'flatten':
      return 'flatten'
    case 'splitChannels':
      return { 'split-channels': layer.groups }
    case 'residual':
      return {
        residual:
          layer.shortcut === undefined || layer.shortcut.length === 0
            ? writeLayers(layer.layers)
            : { layers: writeLayers(layer.layers), shortcut: writeLayers(layer.shortcut) },
      }
    case 'concat':
      return { concat: layer.branches.map((branch) => writeLayers(branch)) }
  }
}
