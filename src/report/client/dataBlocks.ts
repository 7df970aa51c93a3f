/** Reads what the page holds for its script: the index, and blocks of columns when they are first needed. */
import type { BlockName, ExplorerIndex } from '../columns/explorerIndex.ts'
import { Block } from '../columns/unpackBlock.ts'

/** @returns undefined where the page has no explorer */
export function readIndex(): ExplorerIndex | undefined {
  const element = document.getElementById('explorer-index')
  return element === null ? undefined : (JSON.parse(element.textContent) as ExplorerIndex)
}

const loaded = new Map<BlockName, Promise<Block>>()

export function loadBlock(index: ExplorerIndex, name: BlockName): Promise<Block> {
  let block = loaded.get(name)
  if (block === undefined) {
    block = unpack(index, name)
    loaded.set(name, block)
  }
  return block
}

async function unpack(index: ExplorerIndex, name: BlockName): Promise<Block> {
  const text = document.getElementById(`explorer-${name}`)?.textContent.trim() ?? ''
  const unzipped = new Blob([fromBase64(text)]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Block(index.blocks[name], new Uint8Array(await new Response(unzipped).arrayBuffer()))
}

/** Browsers of 2025 have it built in, ten times as fast. */
interface WithFromBase64 {
  readonly fromBase64?: (text: string) => Uint8Array<ArrayBuffer>
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const builtIn = (Uint8Array as WithFromBase64).fromBase64
  if (builtIn !== undefined) return builtIn.call(Uint8Array, text)
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
