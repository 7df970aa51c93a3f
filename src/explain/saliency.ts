/**
 * Saliency (Simonyan, Vedaldi and Zisserman, 2014): the largest size of the gradient over the four bases of a place, which has
 * no sign. Contributions are the gradient itself, corrected to the simplex (Majdandzic 2023).
 */
import { baseCount } from '../sequence/alphabet.ts'
import { byPosition, inputGradientMethod, onSimplex } from './graphMethod.ts'

export const saliency = inputGradientMethod(
  'size of the gradient, without sign (Simonyan 2014); contributions: the gradient corrected to the simplex (Majdandzic 2023)',
  (gradient, { length }) => ({
    importance: Float32Array.from({ length }, (_, i) => {
      let most = 0
      for (let base = 0; base < baseCount; base++) {
        most = Math.max(most, Math.abs(gradient[base * length + i]!))
      }
      return most
    }),
    contributions: onSimplex(byPosition(gradient)),
  }),
)
