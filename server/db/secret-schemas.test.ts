import { expect, test } from 'vitest'
import { importDocument, openHelpdesk } from '../testing/helpdesk.ts'
import { readSecretSchemas } from './secret-schemas.ts'

function accountsDocument(): object {
  const json = (schema: object) => ({ content: { 'application/json': { schema } } })
  const secret = { type: 'string', writeOnly: true }
  const operation = (operationId: string, body: object, answer: object) => ({
    post: {
      operationId: `logins.${operationId}`,
      requestBody: json(body),
      responses: { 200: { description: 'ok', ...json(answer) } },
    },
  })
  return {
    openapi: '3.1.0',
    info: { title: 'Accounts', version: '1' },
    servers: [{ url: 'https://accounts.example.com' }],
    components: {
      schemas: {
        Login: { type: 'object', properties: { name: { type: 'string' }, key: secret } },
        Nested: { type: 'object', properties: { login: { $ref: '#/components/schemas/Login' } } },
        Plain: { type: 'object', properties: { name: { type: 'string' } } },
      },
    },
    paths: {
      '/inline': operation(
        'inline',
        { type: 'object', properties: { pin: { type: 'string', format: 'password' } } },
        {},
      ),
      '/shared': operation('shared', { $ref: '#/components/schemas/Nested' }, {}),
      '/answer': operation('answer', { type: 'object' }, { $ref: '#/components/schemas/Login' }),
      '/plain': operation('plain', { $ref: '#/components/schemas/Plain' }, { type: 'object' }),
    },
  }
}

test('tools whose schemas mark a secret are read with all that they refer to, in one statement; others are not', async () => {
  const helpdesk = await openHelpdesk()
  const { deps, db, trips } = helpdesk
  await importDocument(deps, accountsDocument(), 'accounts')
  helpdesk.forget()
  const names = ['inline', 'shared', 'answer', 'plain', 'gone']
  const found = await readSecretSchemas(db, [
    ...names.map((name) => `accounts.logins.${name}`),
    'helpdesk.tickets.list',
    '',
  ])
  expect(trips.flatMap(({ statements }) => statements)).toHaveLength(1)
  expect([...found.keys()].sort()).toEqual(['answer', 'inline', 'shared'].map((name) => `accounts.logins.${name}`))
  expect(Object.keys(found.get('accounts.logins.shared')?.definitions ?? {}).sort()).toEqual(['LoginInput'])
  expect(found.get('accounts.logins.answer')?.definitions.Login).toMatchObject({
    properties: { key: { writeOnly: true } },
  })
  expect(found.get('accounts.logins.inline')?.input).toMatchObject({ properties: { pin: { format: 'password' } } })
})

test('nothing is asked about no tools', async () => {
  const helpdesk = await openHelpdesk()
  const { db, trips } = helpdesk
  helpdesk.forget()
  expect(await readSecretSchemas(db, [])).toEqual(new Map())
  expect(trips).toEqual([])
})
