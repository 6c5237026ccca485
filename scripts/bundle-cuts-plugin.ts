// Carries out scripts/bundle-cuts.ts in the build of the Worker. Code that is left out throws where it is called after
// all, and says where to look.
import { readFileSync } from 'node:fs'
import { parseSync, type ESTree, type Plugin, Visitor } from 'vite'
import type { Cut } from './bundle-cuts.ts'

export function bundleCuts(cuts: readonly Cut[]): Plugin {
  let root = process.cwd()
  const leftOut = new Set(cuts.flatMap(({ leaveOut = [] }) => leaveOut))
  const rewritten = new Map(cuts.flatMap(({ rewrite = {} }) => Object.entries(rewrite)))
  const edits = cuts.flatMap(({ edit = {} }) => Object.entries(edit))
  const functions = cuts.flatMap(({ leaveOutFunctions = {} }) => Object.entries(leaveOutFunctions))
  const handlers = cuts.flatMap(({ leaveOutHandlers = {} }) => Object.entries(leaveOutHandlers))
  const refused = cuts.flatMap(({ refuse, why }) => (refuse ? [{ refuse, why }] : []))
  const unseen = new Set([
    ...leftOut,
    ...rewritten.keys(),
    ...[...edits, ...functions, ...handlers].map(([path]) => path),
  ])

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
      const bodies = new Map([
        ...bodiesFor(functions, path, callLeftOut),
        ...bodiesFor(handlers, path, () => 'return leftOut'),
      ])
      if (bodies.size > 0) {
        const { code: without, missing } = withBodies(path, changed, bodies)
        if (missing.length > 0)
          this.error(`${path} has changed: ${missing.join(', ')} is not in it any more (scripts/bundle-cuts.ts).`)
        changed = without
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

type Names = readonly (readonly [path: string, names: readonly string[]])[]

function bodiesFor(cuts: Names, path: string, body: (name: string) => string): [name: string, body: string][] {
  return cuts.flatMap(([held, names]) =>
    held === path ? names.map((name): [string, string] => [name, body(name)]) : [],
  )
}

const callLeftOut = (name: string) => `return leftOut('${name}')`

/** The same module with other bodies of functions (`name`) and of methods of classes and objects (`Owner.name`). */
function withBodies(
  path: string,
  code: string,
  bodies: ReadonlyMap<string, string>,
): { code: string; missing: string[] } {
  const missing = new Set(bodies.keys())
  const found: { start: number; end: number; body: string }[] = []
  const replace = (name: string, { start, end }: { start: number; end: number }) => {
    const body = bodies.get(name)
    if (body !== undefined && missing.delete(name)) found.push({ start, end, body })
  }
  const replaceMembers = (owner: string, value: ESTree.Expression | ESTree.Class | null) => {
    for (const member of membersOf(value)) {
      if (!('key' in member) || !('name' in member.key) || typeof member.key.name !== 'string') continue
      const { value: held } = member
      if (held && 'body' in held && held.body?.type === 'BlockStatement')
        replace(`${owner}.${member.key.name}`, held.body)
    }
  }
  new Visitor({
    ClassDeclaration: (node) => replaceMembers(node.id?.name ?? '', node),
    FunctionDeclaration: ({ id, body }) => body && replace(id?.name ?? '', body),
    VariableDeclarator: ({ id, init }) => id.type === 'Identifier' && replaceMembers(id.name, init),
  }).visit(parseSync(path, code).program)
  let changed = code
  for (const { start, end, body } of found.toSorted((a, b) => b.start - a.start)) {
    changed = `${changed.slice(0, start)}{ ${body} }${changed.slice(end)}`
  }
  const helper = `function leftOut(name) { throw new Error(name + ' of ${path} is not in the bundle (scripts/bundle-cuts.ts).') }`
  return { code: `${changed}\n${helper}`, missing: [...missing] }
}

function membersOf(
  value: ESTree.Expression | ESTree.Class | null,
): readonly (ESTree.ClassElement | ESTree.ObjectPropertyKind)[] {
  if (value?.type === 'ObjectExpression') return value.properties
  return value?.type === 'ClassExpression' || value?.type === 'ClassDeclaration' ? value.body.body : []
}
