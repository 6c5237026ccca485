import { expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { problemOfSlug } from '../../../server/tools/import-fields.ts'
import { findPresets, loadPresets, findPreset, readPresets } from './presets.ts'

const TEXT = readFileSync(new URL('../../../public/gallery.txt', import.meta.url), 'utf8')
const PRESETS = readPresets(TEXT)

const slugs = (find: string) => findPresets(PRESETS, find).map(({ slug }) => slug)

const isWithin = (text: string, least: number, most: number) => text.length >= least && text.length <= most

test('every entry of the gallery is whole', () => {
  expect(PRESETS.length).toBeGreaterThan(80)
  expect(new Set(PRESETS.map(({ slug }) => slug)).size).toBe(PRESETS.length)
  expect(new Set(PRESETS.map(({ title }) => title)).size).toBe(PRESETS.length)
  const whole = PRESETS.filter(
    ({ slug, title, about, category, needs, words }) =>
      problemOfSlug(slug) === null &&
      slug.length <= 24 &&
      isWithin(title, 1, 40) &&
      isWithin(about, 5, 100) &&
      isWithin(category, 5, 30) &&
      isWithin(needs, 10, 120) &&
      needs.endsWith('.') &&
      isWithin(words, 2, 60) &&
      words === words.toLowerCase() &&
      ![title, about, category, needs, words].some((text) => /[|<>]|\s\s|^\s|\s$/.test(text)),
  )
  expect(PRESETS.filter((preset) => !whole.includes(preset))).toEqual([])
})

test('every address is a plain https one, and no document is listed twice', () => {
  const addresses = PRESETS.flatMap(({ urls, keysUrl, baseUrl }) => [...urls, keysUrl, ...(baseUrl ? [baseUrl] : [])])
  const odd = addresses.filter((address) => {
    const url = URL.parse(address)
    return (
      url?.protocol !== 'https:' ||
      url.href.length > 250 ||
      url.username !== '' ||
      url.port !== '' ||
      /\s/.test(address)
    )
  })
  expect(odd).toEqual([])
  const documents = PRESETS.flatMap(({ kind, urls }) => (kind === 'openapi' ? urls : []))
  expect(new Set(documents).size).toBe(documents.length)
  expect(documents.filter((url) => url.includes('{') || url.includes('#'))).toEqual([])
})

test('an OpenAPI document is one integration; Discovery documents may be several, each once', () => {
  for (const { slug, kind, urls } of PRESETS) {
    const most = kind === 'google' ? 12 : 1
    expect({ slug, isInRange: urls.length >= 1 && urls.length <= most }).toEqual({ slug, isInRange: true })
    expect(new Set(urls).size).toBe(urls.length)
  }
})

test('a kind stands with its heading, and lists of addresses are addresses', () => {
  const bySlug = (wanted: string) => PRESETS.find(({ slug }) => slug === wanted)
  expect(bySlug('google_documents')).toMatchObject({
    kind: 'google',
    category: 'Google',
    urls: [
      'https://docs.googleapis.com/$discovery/rest?version=v1',
      'https://sheets.googleapis.com/$discovery/rest?version=v4',
      'https://slides.googleapis.com/$discovery/rest?version=v1',
    ],
  })
  expect(bySlug('onedrive')).toMatchObject({ kind: 'openapi', baseUrl: 'https://graph.microsoft.com/v1.0' })
  expect(bySlug('linear')).toMatchObject({ kind: 'graphql', urls: ['https://api.linear.app/graphql'] })
  expect(bySlug('linear_mcp')).toMatchObject({ kind: 'mcp', category: 'MCP servers' })
  expect(PRESETS.filter(({ kind }) => kind === 'mcp').length).toBeGreaterThan(30)
})

test('it is read from the static files, once; a failure is not kept', async () => {
  const asked: string[] = []
  const answers = [new Response('', { status: 503 }), new Response(TEXT)]
  const assets = {
    fetch: async ({ url }: Request) => {
      asked.push(url)
      return answers.shift() ?? Response.error()
    },
  }
  const app = { assets, origin: 'https://executor.example.com' }
  await expect(loadPresets(app)).rejects.toThrow('503')
  expect(await loadPresets(app)).toEqual(PRESETS)
  expect(await findPreset(app, 'github')).toMatchObject({ title: 'GitHub' })
  expect(await findPreset(app, 'constructor')).toBeUndefined()
  expect(asked).toEqual(Array.from({ length: 2 }, () => 'https://executor.example.com/gallery.txt'))
})

test('every entry is found by its own title and slug', () => {
  for (const { slug, title } of PRESETS) {
    expect(slugs(title)[0]).toBe(slug)
    expect(slugs(slug)).toContain(slug)
  }
})

test('words of what one wants to do find it too, and titles come first', () => {
  expect(slugs('')).toHaveLength(PRESETS.length)
  expect(slugs('  ,. ')).toHaveLength(PRESETS.length)
  expect(slugs('payments')).toEqual(expect.arrayContaining(['stripe', 'square', 'paddle']))
  expect(slugs('calen')).toEqual(expect.arrayContaining(['google_calendar', 'outlook_calendar']))
  expect(slugs('git')[0]).toBe('github')
  expect(slugs('Google mail')).toContain('gmail')
  expect(slugs('sms')).toEqual(['twilio'])
  expect(slugs('zzzz')).toEqual([])
  expect(slugs('[a-z](')).not.toEqual(slugs(''))
})
