// A Vite plugin that fails the build when browser code reaches server/ or drizzle/.
// React Router removes loaders and actions (and what only they import) from the browser's modules; whatever is left
// that still imports one of these folders would ship to the browser, so it is an error and names both files.
import { dirname, relative, resolve, sep } from 'node:path'
import type { Plugin } from 'vite'

const SERVER_ONLY = ['server', 'drizzle']

/** The first folder of `file` below `root` when that folder must never reach a browser, else undefined. */
export function serverOnlyFolder(root: string, file: string): string | undefined {
  const [first] = relative(root, file).split(sep)
  return SERVER_ONLY.find((folder) => folder === first)
}

export function serverOnlyGuard(): Plugin {
  let root = process.cwd()
  const importerOf = new Map<string, string>()
  return {
    name: 'executor:server-only',
    enforce: 'pre',
    configResolved(config) {
      root = resolve(config.root)
    },
    resolveId(source, importer) {
      if (importer !== undefined && source.startsWith('.')) importerOf.set(resolve(dirname(importer), source), importer)
      return null
    },
    // The refusal is in `load`: a module that React Router removed before loading is harmless.
    load(id) {
      if (this.environment.name !== 'client') return null
      const file = id.split('?')[0] ?? id
      const folder = serverOnlyFolder(root, file)
      if (folder === undefined) return null
      const importer = relative(root, importerOf.get(file)?.split('?')[0] ?? root) || 'browser code'
      return this.error(
        `${relative(root, file)} is server code (${folder}/), and ${importer} would ship it to the browser.`,
      )
    },
  }
}
