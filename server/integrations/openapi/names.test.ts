import { expect, test } from 'vitest'
import { suggestName } from './names.ts'

const get = { tags: [], path: '/', method: 'GET', answersList: false }

test.each([
  ['issues/create', [], '/x', 'issues.create'],
  ['repos/list-for-org', [], '/x', 'repos.listForOrg'],
  ['users.list', [], '/x', 'users.list'],
  ['drive.files.get', [], '/x', 'drive.files.get'],
  ['getPetById', ['pet'], '/pet/{id}', 'pet.getPetById'],
  ['getPetById', [], '/v2/pet/{id}', 'pet.getPetById'],
  ['pets_list', ['pets'], '/pets', 'pets.list'],
  ['pet_list', [], '/pets', 'pets.list'],
  ['PetsController_findAll', ['pets'], '/pets', 'pets.findAll'],
  ['admin_apps_approve', ['admin.apps'], '/x', 'admin.apps.approve'],
  ['GetCustomers', [], '/v1/customers', 'customers.getCustomers'],
  ['issues/issues-list', [], '/x', 'issues.list'],
  ['list all the things', ['things'], '/x', 'things.listAllTheThings'],
  ['Crear artículo', ['Catálogo'], '/x', 'catalogo.crearArticulo'],
  ['一覧', ['商品'], '/x', '商品.一覧'],
  ['2fa/enable', [], '/x', '_2fa.enable'],
  ['things/delete', [], '/x', 'things.delete'],
])('%s with tags %j at %s is %s', (operationId, tags, path, name) => {
  expect(suggestName({ ...get, operationId, tags, path })).toBe(name)
})

test.each([
  ['GET', '/people', true, 'people.list'],
  ['GET', '/people/{id}', false, 'people.get'],
  ['GET', '/api/v1/me', false, 'me.get'],
  ['POST', '/people', false, 'people.create'],
  ['PUT', '/people/{id}', false, 'people.replace'],
  ['PATCH', '/people/{id}', false, 'people.update'],
  ['DELETE', '/people/{id}', false, 'people.delete'],
  ['GET', '/tickets/{id}/comments', true, 'tickets.comments.list'],
  ['POST', '/tickets/{id}/attachment-files', false, 'tickets.attachmentFiles.create'],
  ['GET', '/', false, 'get'],
  ['POST', '/#Action=CreateGroup', false, 'actionCreateGroup.create'],
])('without an operationId %s %s is named after its path', (method, path, answersList, name) => {
  expect(suggestName({ operationId: '', tags: [], path, method, answersList })).toBe(name)
})

test.each([
  ['a/raw', 'a.raw_'],
  ['a/then', 'a.then_'],
  ['a/pages', 'a.pages_'],
  ['then/a', 'then_.a'],
  ['a/to-string', 'a.toString_'],
  ['a/toJSON', 'a.toJSON_'],
  ['a/constructor', 'a.constructor_'],
  ['__proto__/prototype', 'proto.prototype_'],
  ['a/search', 'a.search'],
])('%s does not hide what the sandbox and objects use: %s', (operationId, name) => {
  expect(suggestName({ ...get, operationId })).toBe(name)
})

test('whatever an operation is called, its name is dotted identifiers', () => {
  for (const operationId of [
    '',
    ' ',
    '///',
    '...',
    '💥',
    '1',
    '-',
    'a..b',
    '\u0000',
    '__proto__',
    'a'.repeat(500),
    '"; drop',
  ]) {
    for (const path of ['', '/', '/{id}', '/💥/{x}', '/a b/%20', '/{a}{b}.json', '/__proto__']) {
      const name = suggestName({ ...get, operationId, path })
      expect(name).toMatch(/^[\p{ID_Start}$_][\p{ID_Continue}$]*(\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u)
      expect(name).toBe(suggestName({ ...get, operationId, path }))
    }
  }
})
