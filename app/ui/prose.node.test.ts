import { expect, test } from 'vitest'
import { blocks } from './prose.tsx'

test('paragraphs, lists, headings and code are told apart', () => {
  expect(blocks('# Title\n\nOne\nline.\n\nThese:\n- a\n- b\n\n```json\n{ "x": 1 }\n\n- no item\n```\nend')).toEqual([
    { kind: 'heading', text: 'Title' },
    { kind: 'paragraph', text: 'One\nline.' },
    { kind: 'paragraph', text: 'These:' },
    { kind: 'list', items: ['a', 'b'] },
    { kind: 'code', text: '{ "x": 1 }\n\n- no item' },
    { kind: 'paragraph', text: 'end' },
  ])
})

test('a text without marks is one paragraph, and an empty one is nothing', () => {
  expect(blocks('2 * 3 - 1')).toEqual([{ kind: 'paragraph', text: '2 * 3 - 1' }])
  expect(blocks(' \n\n ')).toEqual([])
})
