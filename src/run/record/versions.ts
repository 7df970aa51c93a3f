/** Versions of the tool and of the packages that decide its results. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { toolVersion } from '../../base/toolVersion.ts'

const require = createRequire(import.meta.url)

/** @returns the versions of Node and of the runtime packages that are installed */
export function packageVersions(): Record<string, string> {
  const versions: Record<string, string> = { sis: toolVersion(), node: process.versions.node }
  for (const name of ['onnxruntime-node', '@tensorflow/tfjs-core', '@duckdb/node-api', 'ml-kmeans']) {
    const folders = require.resolve.paths(name) ?? []
    for (const folder of folders) {
      try {
        versions[name] = readVersion(`${folder}/${name}/package.json`)
        break
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    }
  }
  return versions
}

function readVersion(path: string | URL): string {
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}
