/** `sis model show|export`: what a model is, and the same model in another format. */
import { join } from 'node:path'
import { ConfigError } from '../../base/errors.ts'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import { makeDirectory } from '../../io/files/makeDirectory.ts'
import { filterLogos } from '../../motif/filterLogos.ts'
import type { Network } from '../../model/network/network.ts'
import { writeOnnx } from '../../model/formats/ownOnnx/ownOnnxWriter.ts'
import { extractSchema, importSchema, sequencesSchema } from '../../run/config/configSchema.ts'
import { type ModelOfFile, readModel } from '../../import/importModel.ts'
import { layerRows, modelFacts } from '../../run/modelTable.ts'
import { chooseThreads } from '../../run/config/threads.ts'
import { uniformBackground } from '../../sequence/alphabet.ts'
import type { Arguments, Command, CommandEnvironment } from '../command.ts'
import { flagsOf, importOptionsOf, parseFlags } from '../flags.ts'

const exportFormats = ['onnx', 'keras', 'tfjs'] as const
type ExportFormat = (typeof exportFormats)[number]

export const modelCommand: Command = {
  usage: 'model <action> <model>',
  summary: 'show a model, or export it to another format',
  positionals: {
    action: { choices: ['show', 'export'] },
    model: { type: 'string', description: 'model file, or the directory of a model' },
  },
  flags: {
    logos: {
      type: 'string',
      requiresArg: true,
      description: 'show: draw the filters of the first layer into this SVG file',
    },
    to: { choices: exportFormats, requiresArg: true, description: 'export: the format' },
    out: { type: 'string', requiresArg: true, description: 'export: the file; for tfjs, a directory' },
    length: {
      ...flagsOf(sequencesSchema)['length']!,
      description: 'length of the sequences, where the model takes any',
    },
    device: flagsOf(extractSchema)['device']!,
    ...flagsOf(importSchema),
  },
  examples: [
    ['sis model show model.onnx --logos filters.svg', 'layers, engine and filters of a model'],
    ['sis model export run/models/cnn --to keras --out cnn.h5', 'a trained model for Keras'],
  ],
  async run(argv, environment) {
    const model = argv['model'] as string
    const { device } = parseFlags(extractSchema, { device: argv['device'] })
    const options = { ...importOptionsOf(argv), length: argv['length'] as number | undefined }
    const settings = {
      background: uniformBackground,
      device,
      threads: chooseThreads(undefined).threads,
    }
    const read = await readModel(model, options, settings)
    if (argv['action'] === 'show') await show(read, argv, environment)
    else await exportModel(read, argv, environment)
  },
}

async function show(
  read: ModelOfFile,
  argv: Arguments,
  { stdout, reporter }: CommandEnvironment,
): Promise<void> {
  refuse(argv, ['to', 'out'], 'show')
  for (const [name, fact] of modelFacts(read)) stdout.write(`${name.padEnd(16)} ${fact}\n`)
  if (read.model.kind === 'network') {
    const rows = layerRows(read.model.network).map(({ number, layer, shape, parameters }) => [
      number,
      layer,
      shape,
      parameters.toLocaleString('en-US'),
    ])
    const table = [['layer', '', 'output', 'parameters'], ...rows]
    const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]!.length)))
    const last = Math.max(...table.map((row) => row[3]!.length))
    stdout.write('\n')
    for (const row of table) {
      const cells = widths.map((width, column) => row[column]!.padEnd(width))
      stdout.write(`${[...cells, row[3]!.padStart(last)].join('  ')}\n`)
    }
  }
  const logos = argv['logos'] as string | undefined
  if (logos === undefined) return
  await writeFileAtomically(logos, logosOf(read, argv['model'] as string))
  reporter.info(`filters drawn: ${logos}`)
}

function logosOf({ model }: ModelOfFile, name: string): string {
  if (model.kind === 'black-box') {
    throw new ConfigError(`--logos: the layers of ${name} are not known (${model.refusal})`)
  }
  const first = model.network.layers[0]
  if (first?.kind !== 'conv1d') {
    throw new ConfigError(
      `--logos: the first layer of ${name} is ${first?.kind ?? 'none'}, not a convolution`,
    )
  }
  return filterLogos(first.kernel, first.kernelSize, first.filters, `First-layer filters of ${name}`)
}

async function exportModel(
  { model }: ModelOfFile,
  argv: Arguments,
  { reporter }: CommandEnvironment,
): Promise<void> {
  refuse(argv, ['logos'], 'export')
  const [to, out] = [argv['to'] as ExportFormat | undefined, argv['out'] as string | undefined]
  if (to === undefined || out === undefined) {
    throw new ConfigError('sis model export needs --to onnx, keras or tfjs, and --out')
  }
  if (model.kind === 'black-box') {
    throw new ConfigError(
      `${argv['model'] as string} cannot be exported: its layers are not known (${model.refusal}); it stays in its own format`,
    )
  }
  await writers[to](model.network, out)
  reporter.info(`exported: ${out}`)
}

const writers: Readonly<Record<ExportFormat, (network: Network, out: string) => Promise<void>>> = {
  onnx: (network, out) => writeFileAtomically(out, writeOnnx(network)),
  keras: async (network, out) => {
    const { writeKeras } = await import('../../model/artifact/kerasExport.ts')
    await writeFileAtomically(out, await writeKeras(network))
  },
  tfjs: async (network, out) => {
    const { writeTfjs } = await import('../../model/artifact/tfjsExport.ts')
    const { modelJson, weights } = writeTfjs(network)
    makeDirectory(out)
    await writeFileAtomically(join(out, 'weights.bin'), weights)
    await writeFileAtomically(join(out, 'model.json'), modelJson)
  },
}

function refuse(argv: Arguments, flags: readonly string[], action: string): void {
  const stray = flags.find((flag) => argv[flag] !== undefined)
  if (stray !== undefined) throw new ConfigError(`--${stray} is not for sis model ${action}`)
}
