/** What a network computes, by its definition: plain loops in float64, nothing shared with what is tested. */
import type { Layer, Network, Padding } from '../../src/model/network/network.ts'

/** [length][channels]; flat values are one row. */
type Rows = number[][]

interface Activations {
  readonly rows: Rows
  readonly flat: boolean
}

/**
 * @param input [L][4], as a network reads it
 * @returns scores [outputs]
 */
export function referenceForward(network: Network, input: Rows): number[] {
  const scores = (rows: Rows) => forward(network.layers, { rows, flat: false }).rows[0]!
  if (network.strands === 'forward') return scores(input)
  const turned = input.map(([a, c, g, t]) => [t!, g!, c!, a!]).reverse()
  const reverse = scores(turned)
  const join = network.strandJoin ?? 'maximum'
  if (join !== 'mean-of-logits') {
    return scores(input).map((score, i) =>
      join === 'maximum' ? Math.max(score, reverse[i]!) : (score + reverse[i]!) / 2,
    )
  }
  // The last activation, where there is one, of the mean of what comes before it.
  const layers = network.layers.filter(({ kind }) => kind !== 'dropout')
  const last = layers.at(-1)!
  const before = last.kind === 'activation' ? layers.slice(0, -1) : layers
  const numbers = (rows: Rows) => forward(before, { rows, flat: false }).rows[0]!
  const other = numbers(turned)
  const mean = numbers(input).map((number, i) => (number + other[i]!) / 2)
  return last.kind === 'activation' ? activate(mean, last.function) : mean
}

/** One-hot rows of codes, by the words of ARCHITECTURE.md: masked 4 is the background, unknown 5 is zero. */
export function referenceInput(codes: Uint8Array, background: readonly number[]): Rows {
  return [...codes].map((code) => [0, 1, 2, 3].map((c) => (code === 4 ? background[c]! : code === c ? 1 : 0)))
}

function forward(layers: readonly Layer[], input: Activations): Activations {
  return layers.reduce(apply, input)
}

function apply({ rows, flat }: Activations, layer: Layer): Activations {
  const columns = (summary: (values: number[]) => number) =>
    rows[0]!.map((_, c) => summary(rows.map((row) => row[c]!)))
  switch (layer.kind) {
    case 'conv1d':
      return { rows: convolve(rows, layer), flat }
    case 'dense':
      return { rows: [dense(rows[0]!, layer)], flat }
    case 'batchNorm':
      return {
        rows: rows.map((row) =>
          row.map(
            (x, c) =>
              ((x - layer.mean[c]!) / Math.sqrt(layer.variance[c]! + layer.epsilon)) * layer.gamma[c]! +
              layer.beta[c]!,
          ),
        ),
        flat,
      }
    case 'activation':
      return { rows: rows.map((row) => activate(row, layer.function)), flat }
    case 'maxPool1d':
      return { rows: pool(rows, layer, (values) => Math.max(...values)), flat }
    case 'averagePool1d':
      return { rows: pool(rows, layer, mean), flat }
    case 'crop1d':
      return { rows: rows.slice(layer.before, rows.length - layer.after), flat }
    case 'zeroPad1d': {
      const zeros = (count: number): Rows => Array.from({ length: count }, () => rows[0]!.map(() => 0))
      return { rows: [...zeros(layer.before), ...rows, ...zeros(layer.after)], flat }
    }
    case 'globalMaxPool':
      return { rows: [columns((values) => Math.max(...values))], flat: true }
    case 'globalAveragePool':
      return { rows: [columns(mean)], flat: true }
    case 'dropout':
      return { rows, flat }
    case 'flatten':
      return { rows: [rows.flat()], flat: true }
    case 'splitChannels':
      return {
        rows: rows.flatMap((row) =>
          Array.from({ length: layer.groups }, (_, group) =>
            row.slice((group * row.length) / layer.groups, ((group + 1) * row.length) / layer.groups),
          ),
        ),
        flat,
      }
    case 'residual': {
      const inner = forward(layer.layers, { rows, flat })
      const shortcut = forward(layer.shortcut ?? [], { rows, flat }).rows
      return {
        rows: inner.rows.map((row, i) => row.map((x, c) => x + shortcut[i]![c]!)),
        flat: inner.flat,
      }
    }
    case 'concat': {
      const ends = layer.branches.map((branch) => forward(branch, { rows, flat }))
      const [first] = ends as [Activations, ...Activations[]]
      return { rows: first.rows.map((_, i) => ends.flatMap((end) => end.rows[i]!)), flat: first.flat }
    }
  }
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of `same`, TensorFlow's rule: ceil(n / stride) windows, the odd padding position at the end. */
function windowStarts(length: number, span: number, stride: number, padding: Padding): number[] {
  const starts: number[] = []
  if (padding !== 'same') {
    const [before, after] = padding === 'valid' ? [0, 0] : padding
    for (let start = -before; start + span <= length + after; start += stride) starts.push(start)
    return starts
  }
  const count = Math.ceil(length / stride)
  const missing = Math.max(0, (count - 1) * stride + span - length)
  for (let i = 0; i < count; i++) starts.push(i * stride - Math.floor(missing / 2))
  return starts
}

function convolve(rows: Rows, layer: Layer & { kind: 'conv1d' }): Rows {
  const { filters, kernelSize, dilation, kernel, bias } = layer
  const channels = rows[0]!.length
  return windowStarts(rows.length, (kernelSize - 1) * dilation + 1, 1, layer.padding).map((start) => {
    const sums = Array.from(bias)
    for (let k = 0; k < kernelSize; k++) {
      const row = rows[start + k * dilation]
      if (row === undefined) continue
      for (let c = 0; c < channels; c++) {
        const x = row[c]!
        if (x === 0) continue // most of a one-hot row
        const from = (k * channels + c) * filters
        for (let f = 0; f < filters; f++) sums[f]! += x * kernel[from + f]!
      }
    }
    return sums
  })
}

function dense(inputs: number[], layer: Layer & { kind: 'dense' }): number[] {
  const { units, kernel } = layer
  const sums = Array.from(layer.bias)
  for (const [i, x] of inputs.entries()) {
    for (let u = 0; u < units; u++) sums[u]! += x * kernel[i * units + u]!
  }
  return sums
}

function pool(
  rows: Rows,
  layer: Layer & { kind: 'maxPool1d' | 'averagePool1d' },
  summary: (values: number[]) => number,
): Rows {
  return windowStarts(rows.length, layer.size, layer.stride, layer.padding).map((start) => {
    const window = rows.slice(Math.max(start, 0), start + layer.size)
    return rows[0]!.map((_, c) => summary(window.map((row) => row[c]!)))
  })
}

function activate(row: number[], name: (Layer & { kind: 'activation' })['function']): number[] {
  if (name === 'softmax') {
    const powers = row.map((x) => Math.exp(x - Math.max(...row)))
    const total = powers.reduce((sum, power) => sum + power, 0)
    return powers.map((power) => power / total)
  }
  const one = {
    linear: (x: number) => x,
    relu: (x: number) => Math.max(x, 0),
    elu: (x: number) => (x > 0 ? x : Math.expm1(x)),
    gelu: (x: number) => (x / 2) * erfc(-x / Math.SQRT2),
    sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
    tanh: Math.tanh,
    exp: Math.exp,
    silu: (x: number) => x / (1 + Math.exp(-x)),
    softplus: (x: number) => (x > 30 ? x : Math.log1p(Math.exp(x))),
    // ½ x (1 + tanh u), written so that it keeps its digits far below 0
    'gelu-tanh': (x: number) => x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
  }[name]
  return row.map(one)
}

/**
 * 1 less the Maclaurin series of the error function (Abramowitz, Stegun 7.1.5); beyond 2 Craig's integral, erfc(x) = 2/π
 * ∫ exp(-x² / sin² θ) dθ over a right angle, whose integrand is so smooth there that 64 midpoints give 14 digits.
 */
function erfc(x: number): number {
  if (x < -2) return 2 - erfc(-x)
  if (x > 2) {
    let sum = 0
    for (const square of squares) sum += Math.exp(-(x * x) / square)
    return sum / squares.length
  }
  let term = x
  let sum = x
  // Terms fall once n exceeds x²; those below the last digit of the sum change nothing.
  for (let n = 1; n < 5 || Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (-x * x) / n
    sum += term / (2 * n + 1)
  }
  return 1 - (2 / Math.sqrt(Math.PI)) * sum
}

/** sin² at the midpoints of 64 parts of a right angle. */
const squares = Array.from({ length: 64 }, (_, i) => Math.sin(((i + 0.5) * Math.PI) / 2 / 64) ** 2)
