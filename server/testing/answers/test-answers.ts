import { describe, expect, test } from 'vitest'
import { NONE } from './expected.ts'
import { outcomeOf } from './outcome.ts'
import { type AnswerCase, cases } from './table.ts'

/** Longer than an answer's own time: for a machine that is busy with other tests. */
const SLACK_MS = 3000

export function testAnswers(runtime: 'inNode' | 'inWorkerd', portOf: (name: string) => number | undefined): void {
  const outcome = (name: string, call = {}, path?: string) => outcomeOf(portOf(name) ?? 0, call, path)

  // What workerd cannot read it tells its log on several lines each, and all of it is one error to us: a few are enough.
  const read = cases.filter(({ expected }) => runtime === 'inNode' || expected !== NONE)

  const reach = async ({ name, expected, [runtime]: differently, ...call }: AnswerCase) => {
    const { ms, ...reached } = await outcome(name, call)
    return { ms, reached, wanted: differently ?? expected }
  }

  describe('an upstream', { concurrent: true }, () => {
    test.each(read.filter(({ timeoutMs }) => timeoutMs === undefined))('answers $name', async (answerCase) => {
      const { reached, wanted } = await reach(answerCase)
      expect(reached).toMatchObject(wanted)
    })
  })

  test('no two answers share a name', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  })

  // Not beside the others, which keep the processor busy.
  describe('a call ends in its time', { concurrent: true }, () => {
    test.each(read.filter(({ timeoutMs }) => timeoutMs !== undefined))('with $name', async (answerCase) => {
      const { ms, reached, wanted } = await reach(answerCase)
      expect(reached).toMatchObject(wanted)
      expect(ms).toBeLessThan((answerCase.timeoutMs ?? 0) + SLACK_MS)
    })
  })

  test.each([200, 300, 400, 500])('every status from %i on is an answer or an error that says so', async (from) => {
    for (const status of Array.from({ length: 100 }, (_, index) => from + index)) {
      expect(await outcome('any status', {}, `/${status}`)).toMatchObject(expectedOf(status, runtime))
    }
  })
}

const RETRYABLE = new Set([408, 425, 429])
const FINAL = new Set([501, 505, 506, 508, 510, 511])

function expectedOf(status: number, runtime: 'inNode' | 'inWorkerd'): object {
  // The Fetch standard has browsers, and Node, keep what a proxy asks to themselves.
  if (status === 407 && runtime === 'inNode') return { ok: false, error: { code: 'unreachable' } }
  if (status === 204 || status === 205 || status === 304) return { ok: true, status, data: null }
  if (status < 300) return { ok: true, status, data: { a: 1 } }
  const retryable = RETRYABLE.has(status) || (status >= 500 && !FINAL.has(status))
  const code = expect.stringMatching(/^[a-z_]+$/)
  return { ok: false, error: { status, code, details: { body: { a: 1 } }, retryable } }
}
