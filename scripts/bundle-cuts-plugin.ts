// Carries out scripts/bundle-cuts.ts in the build of the Worker. Code that is left out throws where it is called after
// all, and says where to look.
import { readFileSync } from 'node:fs'
import { parseSync, type Plugin } from 'vite'
import type { Cut } from './bundle-cuts.ts'

export function bundleCuts(cuts: readonly Cut[]): Plugin {
  let root = process.cwd()
  const leftOut = new Set(cuts.flatMap(({ leaveOut = [] }) => leaveOut))
  const rewritten = new Map(cuts.flatMap(({ rewrite = {} }) => Object.entries(rewrite)))
  const edits = cuts.flatMap(({ edit = {} }) => Object.entries(edit))
  const refused = cuts.flatMap(({ refuse, why }) => (refuse ? [{ refuse, why }] : []))
  const unseen = new Set([...leftOut, ...rewritten.keys(), ...edits.map(([path]) => path)])

  return {
    name: 'executor:bundle-cuts',
    enforce: 'pre',
    applyToEnvironment: ({ name }) => name === 'ssr',
    configResolved(config) {
      root = config.root
    },
    load(id) {
      const path = pathInPackages(id)
      if (path === undefined) return undefined
      const code =
        rewritten.get(path) ?? (leftOut.has(path) ? withoutContent(path, readFileSync(id, 'utf8')) : undefined)
      if (code !== undefined) unseen.delete(path)
      return code
    },
    transform(code, id) {
      const path = pathInPackages(id)
      if (path === undefined) {
        const found = id.startsWith(root) ? refused.find(({ refuse }) => refuse.test(code)) : undefined
        if (found) this.error(`${id.slice(root.length)} needs what was left out of the bundle. ${found.why}`)
        return undefined
      }
      let changed = code
      for (const [find, put] of edits.flatMap(([edited, passages]) => (edited === path ? passages : []))) {
        const before = changed
        changed = before.replace(find, put)
        if (changed === before)
          this.error(`${path} has changed: ${find} is not in it any more (scripts/bundle-cuts.ts).`)
        unseen.delete(path)
      }
      return changed === code ? undefined : { code: changed }
    },
    buildEnd(error) {
      if (error || unseen.size === 0) return
      this.error(`Not in the bundle any more, and to be taken out of scripts/bundle-cuts.ts: ${[...unseen].join(', ')}`)
    },
  }
}

/** `zod/v4/core/schemas.js` */
function pathInPackages(id: string): string | undefined {
  const [, ...parts] = id.split('?')[0]?.split('/node_modules/') ?? []
  return parts.at(-1)
}

/** A module with the same exports, each of which throws when it is called or constructed. */
function withoutContent(path: string, code: string): string {
  const names = parseSync(path, code).module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ exportName: { kind, name } }) => (kind === 'Default' ? ['default'] : (name ?? []))),
  )
  if (names.length === 0) throw new Error(`${path} exports nothing by name.`)
  return `function leftOut() { throw new Error('${path} is not in the bundle (scripts/bundle-cuts.ts).') }
export { ${names.map((name) => `leftOut as ${name}`).join(', ')} }`
}
