/**
 * Maximum entropy (Finnegan and Song 2017): of all distributions of sequences whose last hidden layer stays near that of the
 * explained one, the one of largest entropy, p(x) ∝ q(x) exp(−β |φ(x) − φ(x₀)|); q draws each base from the background.
 * Metropolis: a base is redrawn from q, and accepted as its distance says. Distances are told as shares of the mean distance
 * of draws from q, so that β means the same for every network. Many short chains side by side, each from the sequence
 * itself. What a base is worth is how far the bases that samples have in its place are from the background, in nats: never
 * below 0, since a hidden layer has no sign.
 */
import { Random } from '../base/random.ts'
import { baseCount, uniformBackground } from '../sequence/alphabet.ts'
import { openLastHidden, type LastHidden } from './lastHidden.ts'
import type { Attribution, ExplanationMethod } from './method.ts'
import { oneByOne } from './oneByOne.ts'

const beta = 100
const chains = 50
/** Proposals for each base before the first sample is kept. */
const warmUp = 4
/** Proposals for each base from one sample to the next. */
const between = 0.5

export const maximumEntropy: ExplanationMethod = {
  needs: 'network',
  samples: true,
  summary: 'sequences that keep the last hidden layer, by MCMC (Finnegan and Song 2017)',
  async open({ network, device, background, threads, seed, settings, signal }) {
    const hidden = await openLastHidden(network!, device, { background, threads })
    const kept = Math.max(2, Math.ceil(settings.samples / chains))
    const sampling = { prior: priorOf(background), kept, signal }
    return oneByOne(hidden, async ({ name, codes }) => {
      const random = new Random(seed, 'maximum-entropy', name)
      const distancesOf = await distancesFrom(hidden, codes)
      const draws = Uint8Array.from({ length: chains * codes.length }, () => random.weighted(sampling.prior))
      const mean = (await distancesOf(draws)).reduce((sum, distance) => sum + distance, 0) / chains
      // Where no draw is anywhere else, every sequence is as near.
      const rate = mean > 0 ? beta / mean : 0
      const { samples, acceptance } = await sampleNear(codes, distancesOf, { ...sampling, rate, random })
      return { ...readSamples(samples, kept, codes.length, sampling.prior), acceptance }
    })
  },
}

/** The background where every base can be drawn from it, else uniform. */
function priorOf(background: readonly number[]): readonly number[] {
  const sum = background.reduce((total, share) => total + share, 0)
  return background.every((share) => share > 0) ? background.map((share) => share / sum) : uniformBackground
}

/** Distances of sequences' hidden layers: codes [chains, L] to [chains]. */
type Distances = (cells: Uint8Array) => Promise<Float64Array>

async function distancesFrom(hidden: LastHidden, codes: Uint8Array): Promise<Distances> {
  const { units } = hidden
  const origin = await hidden.read(codes, 1)
  return async (cells) => {
    const numbers = await hidden.read(cells, chains)
    return Float64Array.from({ length: chains }, (_, chain) => {
      let sum = 0
      for (let i = 0; i < units; i++) sum += (numbers[chain * units + i]! - origin[i]!) ** 2
      return Math.sqrt(sum)
    })
  }
}

interface Sampling {
  readonly prior: readonly number[] // [4]
  /** Samples of each chain. */
  readonly kept: number
  /** What a distance is multiplied with. */
  readonly rate: number
  readonly random: Random
  readonly signal: AbortSignal | undefined
}

interface Sampled {
  /** Those of the first chain, then those of the second …: [chains × kept, L]. */
  readonly samples: Uint8Array
  readonly acceptance: number
}

export async function sampleNear(
  codes: Uint8Array,
  distancesOf: Distances,
  { prior, kept, rate, random, signal }: Sampling,
): Promise<Sampled> {
  const { length } = codes
  const states = new Uint8Array(chains * length)
  for (let chain = 0; chain < chains; chain++) states.set(codes, chain * length)
  const distances = new Float64Array(chains)
  const samples = new Uint8Array(chains * kept * length)
  const first = warmUp * length
  const stride = Math.max(1, Math.round(between * length))
  let accepted = 0
  let proposed = 0
  for (let step = 1; step <= first + (kept - 1) * stride; step++) {
    signal?.throwIfAborted()
    const proposals = states.slice()
    const places = new Uint32Array(chains)
    for (let chain = 0; chain < chains; chain++) {
      const at = chain * length + random.below(length)
      places[chain] = at
      proposals[at] = random.weighted(prior)
    }
    const found = await distancesOf(proposals)
    for (let chain = 0; chain < chains; chain++) {
      const at = places[chain]!
      const chance = Math.exp(rate * (distances[chain]! - found[chain]!))
      const isAccepted = random.uniform() < chance
      // A base redrawn as it was is no move.
      if (proposals[at] !== states[at]) {
        proposed++
        if (isAccepted) accepted++
      }
      if (!isAccepted) continue
      states[at] = proposals[at]!
      distances[chain] = found[chain]!
    }
    if (step < first || (step - first) % stride !== 0) continue
    const number = (step - first) / stride
    for (let chain = 0; chain < chains; chain++) {
      samples.set(states.subarray(chain * length, (chain + 1) * length), (chain * kept + number) * length)
    }
  }
  return { samples, acceptance: proposed === 0 ? 0 : accepted / proposed }
}

/**
 * Standard errors by the jackknife over chains, which are independent; effective samples from how much more the chains'
 * means differ than those of independent samples would.
 */
function readSamples(
  samples: Uint8Array,
  kept: number,
  length: number,
  prior: readonly number[],
): Omit<Attribution, 'acceptance'> {
  const counts = new Float64Array(chains * length * baseCount)
  for (let i = 0; i < samples.length; i++) {
    const chain = Math.floor(i / (kept * length))
    // A base that is not known stays so until it is redrawn: it counts as nothing.
    if (samples[i]! < baseCount) counts[(chain * length + (i % length)) * baseCount + samples[i]!]!++
  }
  const importance = new Float32Array(length)
  const standardErrors = new Float32Array(length)
  let spread = 0
  let spreadOfMeans = 0
  for (let at = 0; at < length; at++) {
    const own = Array.from({ length: chains }, (_, chain) =>
      counts.subarray((chain * length + at) * baseCount, (chain * length + at + 1) * baseCount),
    )
    const total = Float64Array.from(prior, (_, base) => own.reduce((sum, of) => sum + of[base]!, 0))
    importance[at] = divergence(total, prior)
    const without = own.map((of) =>
      divergence(
        total.map((count, base) => count - of[base]!),
        prior,
      ),
    )
    const mean = without.reduce((sum, value) => sum + value, 0) / chains
    const squares = without.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    standardErrors[at] = Math.sqrt(((chains - 1) / chains) * squares)
    for (const [base, count] of total.entries()) {
      const share = count / (chains * kept)
      spread += share * (1 - share)
      spreadOfMeans += own.reduce((sum, of) => sum + (of[base]! / kept - share) ** 2, 0) / (chains - 1)
    }
  }
  const all = chains * kept
  const effectiveSamples = spreadOfMeans > 0 ? Math.min(all, (chains * spread) / spreadOfMeans) : all
  return { importance, standardErrors, effectiveSamples }
}

/** Kullback–Leibler, in nats. */
function divergence(counts: Float64Array, prior: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.reduce((sum, count, base) => {
    const share = count / total
    return share > 0 ? sum + share * Math.log(share / prior[base]!) : sum
  }, 0)
}
