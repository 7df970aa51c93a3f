/** Motifs are called by their factor or consensus, and told apart where that is the same within a model. */
import { expect, it } from 'vitest'
import { motifLabels } from '../../src/motif/motifLabels.ts'

const motif = (motif_id: number, model_id: number | null, naming: string, consensus: string) => ({
  motif_id,
  model_id,
  name: `m${motif_id}`,
  naming,
  consensus,
})

it('calls motifs by factor, id or consensus, and by their own names too where two are alike', () => {
  const labels = motifLabels(
    [
      motif(0, 0, 'named', 'CAGNTG'),
      motif(1, 0, 'named', 'CACGTG'),
      motif(2, 0, 'vague', 'ANA'),
      motif(3, 0, 'not compared', 'CNNNNNNNNNT'),
      motif(4, 1, 'named', 'CACGTG'),
      motif(5, null, 'named', 'GATA'),
      motif(6, 0, 'unlike', 'GATA'),
    ],
    [
      { motif_id: 0, target_id: 'MA1', target_name: 'TAL1' },
      { motif_id: 1, target_id: 'MA2', target_name: 'TAL1' },
      { motif_id: 2, target_id: 'MA3', target_name: 'FOXA1' },
      { motif_id: 4, target_id: 'MA1', target_name: 'TAL1' },
      { motif_id: 5, target_id: 'MA4', target_name: '' },
    ],
  )
  expect([...labels.values()]).toEqual(['TAL1 (m0)', 'TAL1 (m1)', 'ANA', 'CN(9)T', 'TAL1', 'MA4', 'GATA'])
})
