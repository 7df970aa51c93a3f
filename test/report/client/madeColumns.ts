/** The columns of a made-up run, as the reader's browser unpacks them. */
import { gunzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { readColumns, type ExplorerColumns } from '../../../src/report/client/explorerData.ts'
import { readDetails, type DetailColumns } from '../../../src/report/client/rowDetails.ts'
import { readLetters } from '../../../src/report/client/sequenceLetters.ts'
import { blockNames, type BlockName, type ExplorerIndex } from '../../../src/report/columns/explorerIndex.ts'
import type { ExplorerData } from '../../../src/report/columns/loadExplorer.ts'
import { Block } from '../../../src/report/columns/unpackBlock.ts'

interface Explorer {
  readonly columns: ExplorerColumns
  readonly details: DetailColumns
}

export function unpackedExplorer({ index, blocks }: ExplorerData): Explorer {
  return unpacked(index, (name) => blocks[name].text)
}

/** @param page the file's text */
export function unpackedPage(page: string): Explorer {
  const text = (id: string): string => new RegExp(`<script type="[^"]*" id="${id}">([^<]*)<`).exec(page)![1]!
  expect(blockNames.every((name) => page.includes(`id="explorer-${name}"`))).toBe(true)
  return unpacked(JSON.parse(text('explorer-index')) as ExplorerIndex, (name) => text(`explorer-${name}`))
}

function unpacked(index: ExplorerIndex, textOf: (name: BlockName) => string): Explorer {
  const block = (name: BlockName): Block =>
    new Block(index.blocks[name], gunzipSync(Buffer.from(textOf(name), 'base64')))
  const columns = readColumns(index, block('core'))
  const details = readDetails(
    columns,
    readLetters(columns.sequences, block('bases')),
    block('positions'),
    block('truth'),
    block('curves'),
  )
  return { columns, details }
}
