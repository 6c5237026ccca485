import { expect, test } from 'vitest'
import { filterValues, parseCursor, parseFilters, runsAddress } from './run-filters.ts'

const parse = (query: string) => parseFilters(filterValues(new URLSearchParams(query)))

test('an address without filters filters nothing', () => {
  expect(parse('')).toEqual({ filter: {}, errors: [] })
  expect(runsAddress(filterValues(new URLSearchParams()))).toBe('/runs')
})

test('every filter is read from the address', () => {
  const query = 'state=waiting&principal=person:ada@example.com&integration=crm&tool=crm.people.list'
  expect(parse(`${query}&from=2026-01-31&to=2026-02-01`)).toEqual({
    filter: {
      state: 'waiting',
      principal: 'person:ada@example.com',
      integration: 'crm',
      tool: 'crm.people.list',
      from: Date.UTC(2026, 0, 31),
      until: Date.UTC(2026, 1, 2),
    },
    errors: [],
  })
})

test('people are found by their email, services by their name, calls whatever their connection', () => {
  expect(parse('principal=Ada@Example.com').filter).toEqual({ principal: 'person:ada@example.com' })
  expect(parse('principal=robot.access').filter).toEqual({ principal: 'service:robot.access' })
  expect(parse('principal=service:robot.access').filter).toEqual({ principal: 'service:robot.access' })
  expect(parse('tool=crm@work.people.list').filter).toEqual({ tool: 'crm.people.list' })
})

test.each(['yesterday', '2026-02-31', '2026-1-1', '0', '2026-13-01'])('%s is no day, and the page says so', (day) => {
  expect(parse(`from=${day}`)).toEqual({ filter: {}, errors: [{ field: 'from', message: expect.any(String) }] })
})

test('a state that there is not is no filter', () => {
  expect(parse('state=constructor').filter).toEqual({})
})

test('pages keep the filters, and other filters begin at the first page', () => {
  const values = filterValues(new URLSearchParams('state=failed&tool=crm.people.list&before=7-run_x'))
  expect(runsAddress(values, {}, { startedAt: 7, id: 'run_7' })).toBe(
    '/runs?state=failed&tool=crm.people.list&before=7-run_7',
  )
  expect(runsAddress(values, { state: '' })).toBe('/runs?tool=crm.people.list')
})

test('a cursor is read back, and anything else is none', () => {
  expect(parseCursor('7-run_7')).toEqual({ startedAt: 7, id: 'run_7' })
  for (const text of [null, '', 'run_7', '7-', '-run_7', `${'9'.repeat(16)}-run_7`]) {
    expect(parseCursor(text)).toBeUndefined()
  }
})
