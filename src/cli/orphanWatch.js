/**
 * A thread of the working process that ends it when the process that watches it is gone (killed outright): the others may
 * be deaf for as long as a computation takes. Plain JavaScript, so that it runs the same from src/ and from dist/.
 */
import process from 'node:process'
import { setInterval } from 'node:timers'
import { workerData } from 'node:worker_threads'

const { parent, milliseconds } = workerData
const look = () => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
}
look()
setInterval(look, milliseconds)
