/** What DeepBind's published CTCF model (SELEX) sees in CTCF peaks of GM12878 is the CTCF motif, by its fast engine. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { patternOf } from '../../src/sequence/pattern.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { readFasta } from '../../src/io/sequences/fasta.ts'
import { readKnownMotifs } from '../../src/io/motifs/knownMotifs.ts'
import { readDeepbind } from '../../src/model/foreign/deepbind.ts'
import type { Network } from '../../src/model/network/network.ts'
import type { KeyedPattern } from '../../src/cluster/clusterPatterns.ts'
import { matchMotifs } from '../../src/motif/compareMotifs.ts'
import { findMotifs } from '../../src/motif/findMotifs.ts'
import { motifSites } from '../../src/motif/sites.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import { encodeSequence, uniformBackground } from '../../src/sequence/alphabet.ts'
import { extractCollections } from '../../src/sis/extractCollections.ts'
import { sequenceInput } from '../../src/sis/sequenceInput.ts'
import { quantileThreshold } from '../../src/sis/threshold.ts'

const realData = process.env['SIS_REAL_DATA']
const length = 200
const threads = 2

describe.skipIf(realData === undefined)('DeepBind CTCF on CTCF peaks (SIS_REAL_DATA)', () => {
  it('has SIS that match CTCF', async () => {
    const text = readFileSync(join(realData!, 'models/deepbind/D00328.003.txt'), 'utf8')
    const network = readDeepbind(text, 'D00328.003.txt', { length }).network as Network
    const peaks: Uint8Array[] = []
    for await (const { sequence } of readFasta(
      join(realData!, 'chipseq-200bp/Gm12878.CTCF.top500.w200.fa'),
    )) {
      peaks.push(encodeSequence(sequence))
    }
    expect(peaks.every((codes) => codes.length === length)).toBe(true)

    const predictor = await createOnnxPredictor(network, {
      background: uniformBackground,
      batchSize: 64,
      threads,
    })
    const scores = await predictor.predict(
      Uint8Array.from(peaks.flatMap((codes) => [...codes])),
      peaks.length,
    )
    const decision = { output: 0, direction: '>=', threshold: quantileThreshold(scores, 0.8) } as const
    const confident = peaks.filter((_, i) => scores[i]! >= decision.threshold)
    const engine = openEngine(network, {
      preference: 'incremental',
      decision,
      background: uniformBackground,
      threads,
    })
    expect(engine.name).toBe('differences')

    const patterns: (KeyedPattern & { readonly codes: Uint8Array; readonly positions: readonly number[] })[] =
      []
    let certified = 0
    for await (const { id, collection } of extractCollections({
      inputs: confident.map((codes, id) => ({ id, ...sequenceInput(`peak ${id}`, codes) })),
      predictor,
      decision,
      selector: engine.selector,
      busySelections: 2 * threads,
      maxSis: 1,
    })) {
      for (const { features, certificate } of collection.subsets) {
        if (certificate.certified) certified++
        const codes = confident[id]!
        const positions = [...features]
        patterns.push({ key: patterns.length, pattern: patternOf(codes, positions), codes, positions })
      }
    }
    await engine.close()
    await predictor.close()
    expect(patterns).toHaveLength(confident.length)
    expect(certified).toBe(patterns.length)

    const { clusters } = findMotifs(patterns, { method: 'dbscan', reverseComplements: true, seed: 1 })
    const [largest] = clusters
    // Recognised by what its sites look like, as in a run.
    const members = largest!.members.map(({ key, strand, motifOffset }) => {
      const { codes, positions } = patterns[key]!
      return { codes, first: positions[0]!, last: positions.at(-1)!, strand, motifOffset }
    })
    const { pfm: counts, informative } = motifSites(members, largest!.motif.ppm.length)
    const [match] = matchMotifs(
      [{ id: 'sites', name: 'sites', counts, nsites: members.length, informative }],
      await readKnownMotifs(join(realData!, 'motifs/JASPAR2022_vertebrates.pfm')),
    )
    console.log(
      `${patterns.length} SIS, ${largest!.size} of them in the largest of ${clusters.length} clusters`,
      `(${largest!.motif.consensus}; sites ${match!.queryConsensus}):`,
      `${match!.targetName}, q ${match!.qValue.toExponential(1)}; engine ${engine.name} (${engine.reason})`,
    )
    expect(match!.targetName).toMatch(/CTCF/)
    expect(match!.qValue).toBeLessThan(1e-3)
  })
})
