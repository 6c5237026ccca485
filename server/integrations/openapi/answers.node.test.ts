// The whole table of answers, read in Node. answers.test.ts reads it in workerd.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AnswerServers, serveAnswers } from '../../testing/answers/serve.ts'
import { outcomeOf } from '../../testing/answers/outcome.ts'
import { testAnswers } from '../../testing/answers/test-answers.ts'

let servers: AnswerServers

beforeAll(async () => {
  servers = await serveAnswers()
})
afterAll(() => servers.stop())

testAnswers('inNode', (name) => servers.ports[name])

test.each(['gzip of zeros without end', 'Brotli of zeros without end', 'no length, and no end'])(
  '%s takes no more memory than an answer may',
  async (name) => {
    // Once before, so that what the server makes its answers of is there.
    await outcomeOf(servers.ports[name] ?? 0, {})
    const bytes = () => process.memoryUsage().arrayBuffers
    const before = bytes()
    let most = 0
    const timer = setInterval(() => (most = Math.max(most, bytes() - before)), 1)
    await Promise.all(Array.from({ length: 3 }, () => outcomeOf(servers.ports[name] ?? 0, {})))
    clearInterval(timer)
    expect(most / 1024 / 1024).toBeLessThan(150)
  },
)
