import { expect, it } from 'vitest'
import { fromFloat16, toFloat16 } from '../../src/base/float16.ts'

it.each([
  [0x0000, 0],
  [0x3c00, 1],
  [0xc000, -2],
  [0x3400, 0.25],
  [0x0001, 2 ** -24],
  [0x0400, 2 ** -14],
  [0x7bff, 65_504],
  [0x7c00, Infinity],
  [0xfc00, -Infinity],
])('%i are the bits of %f', (bits, value) => {
  expect(fromFloat16(bits)).toBe(value)
  expect(toFloat16(value)).toBe(bits)
})

it('every half comes back as it was', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = fromFloat16(bits)
    if (Number.isNaN(value)) expect(Number.isNaN(fromFloat16(toFloat16(value)))).toBe(true)
    else if (toFloat16(value) !== bits) expect([bits, toFloat16(value)]).toEqual([bits, bits])
  }
})

it('what lies between two halves goes to the nearer, from the middle to the even one', () => {
  const step = 2 ** -10
  expect(fromFloat16(toFloat16(1 + 0.4 * step))).toBe(1)
  expect(fromFloat16(toFloat16(1 + 0.6 * step))).toBe(1 + step)
  expect(fromFloat16(toFloat16(1 + 0.5 * step))).toBe(1)
  expect(fromFloat16(toFloat16(1 + 1.5 * step))).toBe(1 + 2 * step)
  expect(fromFloat16(toFloat16(2 - step / 4))).toBe(2)
  expect(fromFloat16(toFloat16(65_519))).toBe(65_504)
  expect(fromFloat16(toFloat16(65_520))).toBe(Infinity)
  expect(Object.is(fromFloat16(toFloat16(-0)), -0)).toBe(true)
})
