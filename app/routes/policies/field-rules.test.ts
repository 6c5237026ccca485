// Rules about fields of the types of a GraphQL integration, as an admin writes them.
import { expect, test } from 'vitest'
import { listPolicies } from '../../../server/db/policies.ts'
import { ENDPOINT, graphQlEndpoint } from '../../../server/testing/graphql-endpoint.ts'
import { ada, openHelpdesk } from '../../../server/testing/helpdesk.ts'
import { beginFromEndpoint } from '../../../server/tools/imports/begin-endpoint.ts'
import { addIntegration } from '../../../server/tools/imports/confirm.ts'
import { previewPattern } from './preview-pattern.ts'
import { saveRule } from './save-rule.ts'

async function open() {
  const endpoint = graphQlEndpoint()
  const desk = await openHelpdesk((request) => endpoint.answer(request))
  const origin = { kind: 'endpoint', protocol: 'graphql', url: ENDPOINT } as const
  const begun = await beginFromEndpoint(desk.deps, origin, { by: ada.id })
  if (!begun.ok) throw new Error(begun.message)
  const given = { importId: begun.importId, slug: 'tracker', title: 'Tracker', baseUrl: ENDPOINT, by: ada.id }
  await addIntegration(desk.deps, given)
  return { db: desk.db, deps: { db: desk.db, principal: ada } }
}

test('a pattern that names a field says what it matches, and what that means', async () => {
  const { db } = await open()
  expect(await previewPattern(db, 'tracker.type.User.*')).toMatchObject({
    count: 5,
    examples: [
      'tracker.type.User.email',
      'tracker.type.User.friends',
      'tracker.type.User.id',
      'tracker.type.User.login',
      'tracker.type.User.name',
    ],
    message: 'Matches 5 fields of types. Blocked, it is left out of every selection, whichever tool asks.',
  })
  expect(await previewPattern(db, 'tracker.type.*.email')).toMatchObject({ count: 2 })
  expect(await previewPattern(db, 'tracker.type.Usr.email')).toMatchObject({
    count: 0,
    nearest: 'tracker.type.User.email',
    message: expect.stringContaining('Did you mean tracker.type.User.email?'),
  })
  expect(await previewPattern(db, 'tracker.*')).toMatchObject({ message: 'Matches 6 tools.' })
})

test('a field is blocked or an exception, and nobody is asked about it', async () => {
  const { db, deps } = await open()
  const save = (pattern: string, action: string) => saveRule(deps, { pattern, action, note: '' })
  const refused = await save('tracker.type.User.email', 'require_approval')
  expect(refused).toMatchObject({ ok: false, errors: [{ field: 'action' }] })
  expect(await save('*.type.User.email', 'require_approval')).toMatchObject({ ok: false })
  expect(await listPolicies(db)).toEqual([])
  expect(await save('tracker.type.User.*', 'block')).toEqual({ ok: true })
  expect(await save('tracker@main.type.User.email', 'allow')).toEqual({ ok: true })
  // Where nothing speaks GraphQL, a group of tools may be called so.
  expect(await save('helpdesk.type.list', 'require_approval')).toEqual({ ok: true })
  expect(await save('tracker.type', 'require_approval')).toEqual({ ok: true })
})
