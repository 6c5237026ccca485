import { expect, test } from 'vitest'
import { type DoneCall, whatWasDone } from './run-sentence.ts'

const call = (address: string, state: DoneCall['state'], effect: DoneCall['effect'] = 'write'): DoneCall => ({
  kind: 'tool',
  address,
  effect,
  state,
})

test('writes are named, reads are counted, and what was not sent is said', () => {
  const calls = [
    call('crm.people.list', 'succeeded', 'read'),
    call('crm.people.list', 'succeeded', 'read'),
    call('crm.people.create', 'succeeded'),
    call('crm.people.create', 'succeeded'),
    call('crm@work.people.delete', 'unknown', 'destructive'),
    call('crm.people.get', 'failed', 'read'),
    call('crm.mails.send', 'cancelled'),
  ]
  expect(whatWasDone(calls)).toEqual([
    'Carried out: crm.people.create (2 times).',
    'Carried out: 2 reads.',
    'Sent, and nobody knows whether it was carried out: crm@work.people.delete.',
    'Failed: crm.people.get.',
    'Not sent: crm.mails.send.',
  ])
})

test('a run that is not over says what is on its way and what is held', () => {
  expect(whatWasDone([call('a.b', 'started'), call('a.c', 'held'), call('a.d', 'succeeded', 'read')])).toEqual([
    'Carried out: 1 read.',
    'On its way: a.b.',
    'Not sent so far: a.c.',
  ])
})

test('a call that a server answered with a question was sent', () => {
  const asking = (state: DoneCall['state']) => ({ ...call('a.b', state), questions: [{ question: 'input' as const }] })
  expect(whatWasDone([asking('held')])).toEqual(['Sent, and waiting for an answer to the server: a.b.'])
  expect(whatWasDone([asking('cancelled')])).toEqual(['Sent, and never answered: a.b.'])
})

test('searches and timers are nothing that was done', () => {
  expect(whatWasDone([{ kind: 'search', address: '', effect: null, state: 'succeeded' }])).toEqual([])
})

test('a list of many tools is cut', () => {
  const calls = Array.from({ length: 8 }, (_, index) => call(`a.t${index}`, 'succeeded'))
  expect(whatWasDone(calls)).toEqual(['Carried out: a.t0, a.t1, a.t2, a.t3, a.t4, 3 other tools.'])
})

test('a tool that nobody knows counts as a write', () => {
  expect(whatWasDone([call('a.b', 'succeeded', null)])).toEqual(['Carried out: a.b.'])
})
