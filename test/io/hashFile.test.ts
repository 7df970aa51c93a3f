/** SHA-256 of files. */
import { describe, expect, it } from 'vitest'
import { hashFile } from '../../src/io/files/hashFile.ts'
import { messageOf, temporaryFiles } from './support.ts'

const write = temporaryFiles()

describe('hashFile', () => {
  it('gives the test vectors of FIPS 180-2', async () => {
    expect(await hashFile(write('abc', 'abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    expect(await hashFile(write('million', 'a'.repeat(1_000_000)))).toBe(
      'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
    )
  })

  it('names a missing file', async () => {
    expect(await messageOf(hashFile('/nowhere/x'))).toBe(
      'DataError: /nowhere/x: no such file; check the path',
    )
  })
})
