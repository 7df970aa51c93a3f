#!/usr/bin/env node
try {
  const { runProcess } = await import('../dist/cli/process.js')
  await runProcess()
} catch (error) {
  // A limit so low that the program itself cannot be loaded.
  if (error?.code !== 'EMFILE' && error?.code !== 'ENFILE') throw error
  process.stderr.write(
    "sis: too many open files: raise the limit, e.g. 'ulimit -n 1024', and run the command again\n",
  )
  process.exitCode = 4
}
