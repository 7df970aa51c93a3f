/** PyTorch beside what is measured, where the Python of SIS_PYTHON has it. */
import { spawnSync } from 'node:child_process'
import { python } from '../../test/agreement/python.ts'
import { TorchPeer } from '../../test/agreement/torchNetwork.ts'

export function hasModules(...names: readonly string[]): boolean {
  const missing = names.map((name) => `importlib.util.find_spec('${name}') is None`).join(' or ')
  return spawnSync(python, ['-c', `import importlib.util, sys; sys.exit(${missing})`]).status === 0
}

export function hasTorch(): boolean {
  return hasModules('torch')
}

export function hasAttributions(): boolean {
  return hasModules('captum', 'tangermeme')
}

/** What a table says where they are missing. */
export const noAttributions = `Captum and tangermeme are left out: ${python} (SIS_PYTHON) lacks one of them.`

export async function startTorch(threads: number): Promise<TorchPeer | undefined> {
  return hasTorch() ? TorchPeer.start(threads) : undefined
}

/** What a table says where PyTorch is missing. */
export const noTorch = `PyTorch is left out: ${python} (SIS_PYTHON) has no torch.`
