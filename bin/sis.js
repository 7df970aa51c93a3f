#!/usr/bin/env node
const entry = new URL('../dist/cli/process.js', import.meta.url)
try {
  const { runProcess } = await import(entry.href)
  await runProcess()
} catch (error) {
  if (error?.code === 'ERR_MODULE_NOT_FOUND' && error.url === entry.href) {
    process.stderr.write('sis: dist/ is not built; run in the folder of sis: npm install && npm run build\n')
  } else if (error?.code === 'EMFILE' || error?.code === 'ENFILE') {
    // A limit so low that the program itself cannot be loaded.
    process.stderr.write(
      "sis: too many open files: raise the limit, e.g. 'ulimit -n 1024', and run the command again\n",
    )
  } else {
    throw error
  }
  process.exitCode = 4
}
