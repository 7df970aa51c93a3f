/** The columns of a made-up run, as the reader's browser unpacks them. */
import { gunzipSync } from 'node:zlib'
import { readColumns, type ExplorerColumns } from '../../../src/report/client/explorerData.ts'
import { readDetails, type DetailColumns } from '../../../src/report/client/rowDetails.ts'
import { readLetters } from '../../../src/report/client/sequenceLetters.ts'
import type { BlockName } from '../../../src/report/columns/explorerIndex.ts'
import type { ExplorerData } from '../../../src/report/columns/loadExplorer.ts'
import { Block } from '../../../src/report/columns/unpackBlock.ts'

function block({ index, blocks }: ExplorerData, name: BlockName): Block {
  return new Block(index.blocks[name], gunzipSync(Buffer.from(blocks[name].text, 'base64')))
}

export function unpackedExplorer(data: ExplorerData): { columns: ExplorerColumns; details: DetailColumns } {
  const columns = readColumns(data.index, block(data, 'core'))
  const details = readDetails(
    columns,
    readLetters(columns.sequences, block(data, 'bases')),
    block(data, 'positions'),
    block(data, 'truth'),
    block(data, 'curves'),
  )
  return { columns, details }
}
