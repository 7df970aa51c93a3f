/** What the system says of limits is told as what it is, however deep it lies; a bug stays a bug. */
import { describe, expect, it } from 'vitest'
import { BackendError, DataError } from '../../src/base/errors.ts'
import { asReadError, asShortage } from '../../src/io/files/fileErrors.ts'

const coded = (code: string, message = code): Error => Object.assign(new Error(message), { code })

describe('asShortage', () => {
  it.each([
    coded('EMFILE', "EMFILE: too many open files, open 'a.fa'"),
    coded('ENFILE'),
    new Error('pthread: too many open files'),
    new Error('cannot be read', { cause: coded('EMFILE') }),
  ])('names too many open files: %s', (error) => {
    const told = asShortage(error)
    expect(told).toBeInstanceOf(BackendError)
    expect(told!.message).toMatch(/^too many open files: raise the limit, e\.g\. 'ulimit -n 1024'/)
  })

  it.each([
    coded('ENOMEM'),
    coded('ERR_WORKER_OUT_OF_MEMORY'),
    new RangeError('Array buffer allocation failed'),
    new RangeError('WebAssembly.Memory(): could not allocate memory'),
    new Error('std::bad_alloc'),
  ])('names memory: %s', (error) => {
    expect(asShortage(error)?.message).toMatch(/^out of memory \(.*\): raise the limit \('ulimit -v'/)
  })

  it.each([
    new TypeError('x is not a function'),
    coded('ENOENT'),
    new RangeError('Invalid array length'),
    'text',
    undefined,
  ])('leaves another error alone: %s', (error) => {
    expect(asShortage(error)).toBeUndefined()
  })
})

describe('asReadError', () => {
  it('tells the file apart from the limits', () => {
    expect(asReadError(coded('EMFILE'), 'a.fa')).toBeInstanceOf(BackendError)
    expect(asReadError(coded('ENOENT'), 'a.fa')).toEqual(
      new DataError('no such file; check the path', { file: 'a.fa' }),
    )
  })
})
