/** PyTorch beside what is measured, where the Python of SIS_PYTHON has it. */
import { spawnSync } from 'node:child_process'
import { python } from '../../test/agreement/python.ts'
import { TorchPeer } from '../../test/agreement/torchNetwork.ts'

export function hasTorch(): boolean {
  return hasModule('torch')
}

export function hasModule(name: string): boolean {
  const find = `import importlib.util, sys; sys.exit(importlib.util.find_spec('${name}') is None)`
  return spawnSync(python, ['-c', find]).status === 0
}

export async function startTorch(threads: number): Promise<TorchPeer | undefined> {
  return hasTorch() ? TorchPeer.start(threads) : undefined
}

/** What a table says where PyTorch is missing. */
export const noTorch = `PyTorch is left out: ${python} (SIS_PYTHON) has no torch.`
