/**
 * Guided backpropagation (Springenberg et al., ICLR 2015): the gradient, but a rectifier hands back what is above 0 of what it
 * is owed, where its own number is above 0. Contributions are that signal at every base, as it is.
 */
import { atBases, byPosition, inputGradientMethod } from './graphMethod.ts'

export const guidedBackpropagation = inputGradientMethod(
  'gradient of which rectifiers that are on hand back what is positive (Springenberg 2015)',
  (signal, codes) => ({ importance: atBases(signal, codes), contributions: byPosition(signal) }),
  'guided',
)
