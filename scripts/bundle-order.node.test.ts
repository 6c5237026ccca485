import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderByKind } from './bundle-order.ts'

const module = (id: string, ...imports: string[]) => ({ id, imports })

test('packages come first, then server and console by kind, and what starts the Worker last', () => {
  const modules = [
    module('/x/node_modules/b/index.js'),
    module('/x/server/db/runs.ts', '/x/node_modules/b/index.js'),
    module('/x/app/ui/page.tsx', '/x/node_modules/b/index.js'),
    module('/x/app/routes/run.tsx', '/x/server/db/runs.ts', '/x/app/ui/page.tsx'),
    module('/x/server/access/door.ts'),
    module('/x/app/routes/form.ts'),
    module('/x/node_modules/a/index.js'),
    module('/x/drizzle/schema.ts'),
    module('/x/server/worker.ts', '/x/app/routes/run.tsx'),
  ]
  expect(orderByKind(modules)).toEqual([
    '/x/node_modules/b/index.js',
    '/x/node_modules/a/index.js',
    '/x/drizzle/schema.ts',
    '/x/server/access/door.ts',
    '/x/server/db/runs.ts',
    '/x/app/routes/form.ts',
    '/x/app/ui/page.tsx',
    '/x/app/routes/run.tsx',
    '/x/server/worker.ts',
  ])
})

test('what is imported is never behind what imports it, except in a circle, where nothing moves', () => {
  const count = fc.integer({ min: 1, max: 20 })
  const graphs = count.chain((size) =>
    fc.record({
      kinds: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: size, maxLength: size }),
      imports: fc.array(fc.array(fc.nat(size - 1), { maxLength: 4 }), { minLength: size, maxLength: size }),
    }),
  )
  fc.assert(
    fc.property(graphs, ({ kinds, imports }) => {
      const modules = imports.map((others, id) => module(String(id), ...others.map(String)))
      const ordered = orderByKind(modules, (id) => String(kinds[Number(id)]))
      expect(ordered.map(Number).sort((a, b) => a - b)).toEqual([...kinds.keys()])
      for (const [id, others] of imports.entries()) {
        const before = others.filter((other) => other < id)
        for (const other of before) expect(ordered.indexOf(String(other))).toBeLessThan(ordered.indexOf(String(id)))
      }
    }),
  )
})
