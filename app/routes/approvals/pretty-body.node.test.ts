import { expect, test } from 'vitest'
import { prettyBody } from './pretty-body.ts'

test('JSON is indented', () => {
  expect(prettyBody('{"a":[1,true]}')).toBe('{\n  "a": [\n    1,\n    true\n  ]\n}')
})

test.each(['{"id":12345678901234567890}', '{"a":1,"a":2}', '{ "a": 1 }', '1.0', 'a=1&b=2', '', '{"a":'])(
  '%s stays exactly as it is',
  (body) => {
    expect(prettyBody(body)).toBe(body)
  },
)
