// The process that does the work of bin/sis.js.
import { runSupervised } from '../dist/cli/process.js'

await runSupervised()
