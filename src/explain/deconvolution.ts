/**
 * Deconvolution (Zeiler and Fergus, ECCV 2014): the gradient, but a rectifier hands back what is above 0 of what it is owed,
 * whatever its own number is. Contributions are that signal at every base, as it is.
 */
import { atBases, byPosition, inputGradientMethod } from './graphMethod.ts'

export const deconvolution = inputGradientMethod(
  'gradient of which rectifiers hand back what is positive (Zeiler and Fergus 2014)',
  (signal, codes) => ({ importance: atBases(signal, codes), contributions: byPosition(signal) }),
  'deconvolution',
)
