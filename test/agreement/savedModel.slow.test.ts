/** TensorFlow exports a SavedModel; @tensorflow/tfjs-node runs it and gives TensorFlow's scores. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importSavedModel } from '../../src/model/foreign/savedModel.ts'
import { openBlackBox } from '../../src/predict/devices.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'
import { isInstalled } from '../installed.ts'
import { describeAgainst, runPython } from './python.ts'

const program = `
import json, os, sys
os.environ['KERAS_BACKEND'] = 'tensorflow'
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import keras, numpy as np
from keras import layers as L
request = json.load(sys.stdin)
keras.utils.set_random_seed(3)
model = keras.Sequential([keras.Input((20, 4)), L.Conv1D(4, 3, activation='relu'), L.Bidirectional(L.LSTM(3)), L.Dense(2, activation='sigmoid')])
x = np.array([[[float(c == base) for base in 'ACGT'] for c in s] for s in request['sequences']], 'float32')
model.export(request['directory'], verbose=False)
json.dump(model.predict(x, verbose=0).astype(float).tolist(), sys.stdout)
`

const native = isInstalled('@tensorflow/tfjs-node')

describe.skipIf(!native)(
  `SavedModel${native ? '' : ' (skipped: no @tensorflow/tfjs-node; NODE_PATH may name it)'}`,
  () => {
    describeAgainst('tensorflow', 'of TensorFlow', () => {
      it('scores in tfjs-node as in TensorFlow', async () => {
        const directory = mkdtempSync(join(tmpdir(), 'sis-test-'))
        try {
          const sequences = ['ACGTACGTTGCAACGTACCA', 'GGGGCATTAGCATCAGCATT', 'TTTTTTTTTTTTTTTTTTTT']
          const expected = ((await runPython(program, { directory, sequences })) as number[][]).flat()
          const { blackBox } = await importSavedModel(directory, {})
          const predictor = await openBlackBox(blackBox!, 'tfjs-node', { batchSize: 3 })
          const scores = await predictor.predict(encodeSequence(sequences.join('')), sequences.length)
          await predictor.close()
          expect(predictor.outputs).toEqual(['output 0', 'output 1'])
          expect(new Set(expected).size).toBe(6)
          for (const [i, score] of expected.entries()) expect(Math.abs(scores[i]! - score)).toBeLessThan(1e-5)
        } finally {
          rmSync(directory, { recursive: true })
        }
      })
    })
  },
)
