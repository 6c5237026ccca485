import { expect, test } from 'vitest'
import { FileValue } from '../sandbox/file.ts'
import { type Chunk, unpack } from './chunks.ts'
import { Journal } from './journal.ts'
import { readValue, writeValue } from './journal-text.ts'

function newJournal(now: () => number = () => 1000) {
  const saved: Chunk[][] = []
  const journal = new Journal({
    runId: 'run_1',
    startedAt: 1000,
    now,
    saveChunks: async (chunks) => {
      saved.push(chunks)
    },
  })
  return { journal, saved }
}

const search = (input: unknown) => ({ kind: 'search', input }) as const

test('entries have their number from the asking and their place from the settling', async () => {
  const { journal } = newJournal()
  const [first, second] = [journal.ask(1, search('a')), journal.ask(2, search('b'))]
  await journal.settle(second, { ok: true, value: 'B' })
  await journal.settle(first, { ok: false, error: { code: 'unknown_tool', message: 'no' } })
  expect(journal.takeUnsaved().calls).toMatchObject([
    { number: 1, arguments: '"a"', state: 'failed', result: null, settleOrder: 2, error: { code: 'unknown_tool' } },
    { number: 2, arguments: '"b"', state: 'succeeded', result: '"B"', settleOrder: 1, error: null },
  ])
  expect(journal.takeUnsaved().calls).toEqual([])
})

test('replies leave in the order of their places, however they end', async () => {
  const { journal } = newJournal()
  const long = 'x'.repeat(100_000)
  const order: number[] = []
  const settle = async (number: number, value: unknown) => {
    await journal.settle(journal.ask(number, search('')), { ok: true, value })
    order.push(number)
  }
  await Promise.all([settle(1, long), settle(2, 'b'), settle(3, long), settle(4, 'd')])
  const places = journal.takeUnsaved().calls.sort((a, b) => a.settleOrder - b.settleOrder)
  expect(places.map(({ number }) => number)).toEqual(order)
})

test('the clock of a run never goes back', async () => {
  const times = [2000, 5000, 2000, 3000]
  const { journal } = newJournal(() => times.shift() ?? 0)
  const first = await journal.settle(journal.ask(1, search('')), { ok: true, value: 1 })
  const second = await journal.settle(journal.ask(2, search('')), { ok: true, value: 1 })
  expect([first.at, second.at]).toEqual([5000, 5000])
})

test('the address of a call names the connection when the program did', async () => {
  const { journal } = newJournal()
  const tool = { kind: 'tool', address: 'github.issues.create', input: {}, raw: false } as const
  await journal.settle(journal.ask(1, tool), { ok: true, value: null, decision: 'allow', connectionId: 'con_1' })
  await journal.settle(journal.ask(2, { ...tool, connection: 'work' }), { ok: true, value: null })
  expect(journal.takeUnsaved().calls).toMatchObject([
    { address: 'github.issues.create', decision: 'allow', connectionId: 'con_1' },
    { address: 'github@work.issues.create', decision: null, connectionId: null },
  ])
})

test('long texts lie in chunks, and are handed over early when they are heavy', async () => {
  const { journal, saved } = newJournal()
  const long = 'word '.repeat(40_000)
  await journal.settle(journal.ask(1, search(long)), { ok: true, value: long })
  const { calls, chunks } = journal.takeUnsaved()
  expect(calls[0]).toMatchObject({ arguments: '', result: null, state: 'succeeded' })
  for (const number of [1, -2]) {
    const parts = chunks.filter((chunk) => chunk.number === number).map(({ bytes }) => bytes)
    expect(JSON.parse(await unpack(parts))).toBe(long)
  }
  expect(saved).toEqual([])

  const noise = new Uint8Array(50 * 65_536)
  for (let at = 0; at < noise.length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536))
  await journal.settle(journal.ask(3, search('')), { ok: true, value: new FileValue('noise', 'x/y', noise) })
  expect(saved.flat().length).toBeGreaterThan(2)
  expect(saved.flat().every(({ bytes }) => bytes.byteLength <= 1_000_000)).toBe(true)
  expect(journal.takeUnsaved().chunks).toEqual([])
})

test('a value that is nested too deeply to be written is an answer that failed', async () => {
  const { journal } = newJournal()
  const deep: unknown = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000))
  const reply = await journal.settle(journal.ask(1, search('')), { ok: true, value: deep })
  expect(reply).toMatchObject({ ok: false, error: { code: 'response_too_deep' } })
})

test('files and bytes are written and read back, and look-alikes stay what they were', () => {
  const value = {
    file: new FileValue('ä.png', 'image/png', new Uint8Array([1, 2, 255])),
    list: [new Uint8Array([7])],
    $file: { name: 'x', type: 'y', base64: 'AAAA' },
    $$bytes: 'AAAA',
    inner: { $bytes: 'AAAA' },
  }
  const read = readValue(writeValue(value))
  expect(read).toEqual(value)
  expect(read).toHaveProperty('file.bytes', new Uint8Array([1, 2, 255]))
  expect(readValue(writeValue(undefined))).toBeNull()
})
