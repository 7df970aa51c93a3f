/** IEEE 754 half precision, as its 16 bits. */

export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** @returns the bits of the nearest half; of two, the one with an even fraction. Beyond 65,504 it is infinity. */
export function toFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (size >= 65_520) return sign | 0x7c00
  const exponent = Math.max(-14, size === 0 ? -14 : Math.floor(Math.log2(size)))
  // A fraction that rounds up to 2,048 carries into the exponent by itself.
  const fraction = roundToEven(size / 2 ** (exponent - 10))
  return sign | (fraction + ((exponent + 14) << 10))
}

function roundToEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}
