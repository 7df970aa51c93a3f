/**
 * Gradient × input (Simonyan 2014; Shrikumar 2016): the gradient at the base that is there. Contributions are the gradient at
 * every base corrected to the simplex (Majdandzic 2023); at the base that is there they are the corrected importance.
 */
import { atBases, byPosition, inputGradientMethod, onSimplex } from './graphMethod.ts'

export const gradientTimesInput = inputGradientMethod(
  'gradient at the base that is there (Simonyan 2014); contributions: the gradient corrected to the simplex (Majdandzic 2023)',
  (gradient, codes) => ({
    importance: atBases(gradient, codes),
    contributions: onSimplex(byPosition(gradient)),
  }),
)
