/** The operations of `kerasOperation.ts` as layers that TensorFlow.js can load. */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { layers, Shape } from '@tensorflow/tfjs-layers'
import { DataError } from '../../../base/errors.ts'
import {
  operationClass,
  readOperation,
  type OperationLayer,
} from '../../../model/foreign/keras/kerasOperation.ts'
import type { TensorFlow } from '../tfjsRuntime.ts'
import { operate } from './operate.ts'

type LayerConfig = ConstructorParameters<typeof layers.Layer>[0]

/** Each package of TensorFlow.js has classes of its own. */
const registered = new WeakSet<TensorFlow>()

/** Makes them known to `loadLayersModel`; once for each package of TensorFlow.js. */
export function registerOperations(tf: TensorFlow): void {
  if (registered.has(tf)) return
  registered.add(tf)

  class Operation extends tf.layers.Layer {
    static readonly className = operationClass
    readonly #definition: string
    readonly #layer: OperationLayer
    #roles: Map<string, ReturnType<layers.Layer['addWeight']>> = new Map()

    constructor(config: LayerConfig & { readonly definition: string }) {
      super(config)
      this.#definition = config.definition
      this.#layer = readOperation(config)
    }

    override build(inputShape: Shape | Shape[]): void {
      this.#roles = new Map(
        this.#layer.parameters.map(([role, shape]) => [
          role,
          this.addWeight(role, [...shape], 'float32', tf.initializers.zeros()),
        ]),
      )
      super.build(inputShape)
    }

    /** By trial, on zeros. */
    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[]
      const made = tf.tidy(() => {
        const inputs = shapes.map(([, ...sizes]) => {
          if (!sizes.every((size) => size !== null)) {
            throw new DataError(`its layer '${this.name}' needs an input of known sizes`)
          }
          return tf.zeros([1, ...sizes])
        })
        const weights = new Map(
          this.#layer.parameters.map(([role, shape]) => [role, tf.zeros([...shape])] as const),
        )
        return operate(tf, this.#layer.operation, inputs, weights)
      })
      made.dispose()
      return [null, ...made.shape.slice(1)]
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const weights = new Map([...this.#roles].map(([role, variable]) => [role, variable.read()]))
        return operate(tf, this.#layer.operation, Array.isArray(inputs) ? inputs : [inputs], weights)
      })
    }

    override getConfig() {
      return { ...super.getConfig(), definition: this.#definition }
    }
  }

  tf.serialization.registerClass(Operation)
}
