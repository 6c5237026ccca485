// Puts modules that resemble one another side by side in the Worker's script: gzip looks back 32 KiB, and a page next to
// a page, or a query next to a query, says less that is new.
import type { Plugin } from 'vite'

interface Module {
  id: string
  imports: readonly string[]
}

/** What resembles one another has neighbouring words here. */
function kindOf(id: string): string {
  if (id.includes('/node_modules/') || id.startsWith('\0rolldown')) return '0'
  const [, folder, place] = /\/(app|drizzle|server)\/((?:.*\/)?)[^/]*$/.exec(id) ?? []
  if (folder === 'drizzle') return '1'
  if (folder === 'server' && place) return `2${place.split('/')[0]}`
  if (folder === 'app') return id.endsWith('.tsx') ? '3x' : '3a'
  return '4'
}

/**
 * Ids, each behind all that it imports; of those that could be next, what was first by kind and then by its old place.
 * In a circle of imports the old order stays.
 */
export function orderByKind(modules: readonly Module[], kind: (id: string) => string = kindOf): string[] {
  const places = new Map(modules.map(({ id }, place) => [id, place]))
  const keys = new Map(modules.map(({ id }, place) => [id, `${kind(id)} ${String(place).padStart(6, '0')}`]))
  const waitsFor = new Map(
    modules.map(({ id, imports }, place) => {
      // What is imported and comes later all the same is part of a circle.
      return [id, new Set(imports.filter((other) => (places.get(other) ?? Infinity) < place))]
    }),
  )
  const ordered: string[] = []
  while (waitsFor.size > 0) {
    let next = ''
    for (const [id, others] of waitsFor) {
      if (others.size === 0 && (next === '' || (keys.get(id) ?? '') < (keys.get(next) ?? ''))) next = id
    }
    ordered.push(next)
    waitsFor.delete(next)
    for (const others of waitsFor.values()) others.delete(next)
  }
  return ordered
}

export function orderModules(): Plugin {
  return {
    name: 'executor:bundle-order',
    applyToEnvironment: ({ name }) => name === 'ssr',
    renderChunk(code, chunk) {
      const texts = new Map(Object.entries(chunk.modules).flatMap(([id, { code: text }]) => (text ? [[id, text]] : [])))
      /** Past modules of which nothing is left. */
      const importsOf = (id: string, seen = new Set<string>()): string[] => {
        const others = (this.getModuleInfo(id)?.importedIds ?? []).filter((other) => !seen.has(other))
        for (const other of others) seen.add(other)
        return others.flatMap((other) => (texts.has(other) ? [other] : importsOf(other, seen)))
      }
      const modules = Array.from(texts.keys(), (id) => ({ id, imports: importsOf(id) }))
      const written = [...texts.values()].join('\n')
      const start = code.indexOf(written)
      if (start < 0) throw new Error('A chunk is not its modules one after the other (scripts/bundle-order.ts).')
      const ordered = orderByKind(modules).map((id) => texts.get(id) ?? '')
      return code.slice(0, start) + ordered.join('\n') + code.slice(start + written.length)
    },
  }
}
