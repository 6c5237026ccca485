import { expect, test } from 'vitest'
import { ToolNames } from './tool-names.ts'

test('names that collide get numbers, in the order of the document', () => {
  const names = new ToolNames([])
  expect(names.nameFor('GET /a', 'items.list')).toBe('items.list')
  expect(names.nameFor('GET /b', 'items.list')).toBe('items.list2')
  expect(names.nameFor('GET /c', 'items.list2')).toBe('items.list2_2')
  expect(names.nameFor('GET /d', 'items.list')).toBe('items.list3')
  expect(names.nameFor('GET /a', 'anything')).toBe('items.list')
})

test('a name of the revision before is never given to another operation, even when its own is gone', () => {
  const names = new ToolNames([{ operation: 'DELETE /items', name: 'items.clear' }])
  expect(names.nameFor('GET /items/clear', 'items.clear')).toBe('items.clear2')
  expect(names.nameFor('DELETE /items', 'items.removeAll')).toBe('items.clear')
})

test('every part of a name is an identifier that a program can reach', () => {
  const names = new ToolNames([])
  expect(names.nameFor('1', 'a b.2x.c-d')).toBe('a_b._2x.c_d')
  expect(names.nameFor('2', '__proto__.constructor.then')).toBe('__proto___.constructor_.then_')
  expect(names.nameFor('3', 'files.raw')).toBe('files.raw_')
  expect(names.nameFor('4', '..')).toBe('tool')
  expect(names.nameFor('5', 'größe.日本')).toBe('größe.日本')
})
