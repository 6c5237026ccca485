import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentSetups } from '../app/routes/connect/agent-setups.ts'
import { ROOT } from './root.ts'

const page = await readFile(join(ROOT, 'docs/connect.md'), 'utf8')
const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)\n```$/gm)].map(([, language, text = '']) => ({
  language,
  text,
}))

test.each(['oauth', 'service-token'] as const)('docs/connect.md shows what the console shows, for %s', (signIn) => {
  const agents = agentSetups('https://executor.example.com', signIn)
  const snippets = agents.flatMap((agent) => agent.snippets)
  // What is typed into a form is part of a sentence there.
  const shown = snippets.filter(({ language }) => language !== 'text').map(({ text }) => text)
  expect(blocks.map(({ text }) => text)).toEqual(expect.arrayContaining(shown))
})

test('every JSON on docs/connect.md is JSON', () => {
  const written = blocks.filter(({ language }) => language === 'json')
  expect(written.length).toBeGreaterThan(5)
  for (const { text } of written) expect(() => JSON.parse(text) as unknown).not.toThrow()
})
