/** PyTorch beside what is measured, where the Python of SIS_PYTHON has it. */
import { spawnSync } from 'node:child_process'
import { python } from '../../test/agreement/python.ts'
import { TorchPeer } from '../../test/agreement/torchNetwork.ts'

const find = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"

export function hasTorch(): boolean {
  return spawnSync(python, ['-c', find]).status === 0
}

export async function startTorch(threads: number): Promise<TorchPeer | undefined> {
  return hasTorch() ? TorchPeer.start(threads) : undefined
}

/** What a table says where PyTorch is missing. */
export const noTorch = `PyTorch is left out: ${python} (SIS_PYTHON) has no torch.`
