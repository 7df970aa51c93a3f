/** How many threads a run computes with: one number for the engines and for ONNX Runtime. */
import { availableParallelism } from 'node:os'
import { ConfigError } from '../../base/errors.ts'

const jobVariable = 'SLURM_CPUS_PER_TASK'

export interface ThreadChoice {
  readonly threads: number
  /** Where the number comes from, for people. */
  readonly source: string
}

/**
 * What was asked for; else the processors that Slurm gave the job, since a job that may not use all processors of its
 * node is not always kept from seeing them; else what the operating system lets this process use.
 * @throws ConfigError where the variable is set, is needed and holds no number of processors
 */
export function chooseThreads(
  asked: number | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): ThreadChoice {
  if (asked !== undefined) return { threads: asked, source: 'asked for' }
  const given = environment[jobVariable] ?? ''
  if (given === '') return { threads: availableParallelism(), source: 'all that this process may use' }
  if (!/^[1-9]\d{0,5}$/.test(given)) {
    throw new ConfigError(
      `the environment variable ${jobVariable} is '${given}', not a number of processors; correct or unset it, or give --threads`,
    )
  }
  return { threads: Number(given), source: jobVariable }
}
