// Names over revisions of generated documents: what a policy or a program calls something never comes to mean something
// else, whatever an API's document does.
import { array, assert, constantFrom, property, tuple, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import { ToolNames } from '../tool-names.ts'

const operation = constantFrom(...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((path) => `GET /${path}`))
const wish = constantFrom('items.list', 'items.list2', 'items.get', 'list', '__proto__', 'constructor', 'raw', 'a b')
const revision = uniqueArray(tuple(operation, wish), { maxLength: 8, selector: ([name]) => name })

test('every operation has one name for ever, and no two have had the same', () => {
  assert(
    property(array(revision, { minLength: 1, maxLength: 6 }), (revisions) => {
      const ever = new Map<string, string>()
      for (const tools of revisions) {
        // What the database knows: the names in force, and the retired ones.
        const names = new ToolNames([...ever].map(([of, name]) => ({ operation: of, name })))
        for (const [of, suggested] of tools) {
          const name = names.nameFor(of, suggested)
          expect(ever.get(of) ?? name).toBe(name)
          ever.set(of, name)
          for (const segment of name.split('.')) expect(segment).toMatch(/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u)
        }
        expect(new Set(ever.values()).size).toBe(ever.size)
      }
    }),
    { numRuns: 500 },
  )
})
