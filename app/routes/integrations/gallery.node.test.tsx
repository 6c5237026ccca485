import { readFileSync } from 'node:fs'
import { renderToString } from 'react-dom/server'
import { createRoutesStub } from 'react-router'
import { expect, test } from 'vitest'
import { Gallery } from './gallery.tsx'
import { readPresets } from './presets.ts'

const PRESETS = readPresets(readFileSync(new URL('../../../public/gallery.txt', import.meta.url), 'utf8'))

/** The page as the server sends it, before any JavaScript. */
function html(find: string): string {
  const Stub = createRoutesStub([
    { path: '/integrations/new', Component: () => <Gallery find={find} presets={PRESETS} /> },
  ])
  return renderToString(<Stub initialEntries={[`/integrations/new?find=${encodeURIComponent(find)}`]} />)
}

const buttons = (page: string) =>
  (page.match(/<button[^>]*name="preset"[^>]*>/g) ?? []).map((tag) => /\svalue="(\w+)"/.exec(tag)?.[1])

test('every entry is a button of one form that is posted to the page that adds integrations', () => {
  const page = html('')
  expect(buttons(page)).toHaveLength(PRESETS.length)
  expect(new Set(buttons(page))).toEqual(new Set(PRESETS.map(({ slug }) => slug)))
  expect(page.match(/<form[^>]*method="post"[^>]*>/g)).toEqual([expect.stringContaining('action="/integrations/new"')])
  for (const category of ['Code and delivery', 'Google', 'Microsoft']) expect(page).toContain(`>${category}</h3>`)
})

test('the search is a form of its own, and works without JavaScript', () => {
  const page = html('git')
  expect(page.match(/<form[^>]*method="get"[^>]*>/g)).toEqual([
    expect.stringContaining('action="/integrations/new#gallery"'),
  ])
  const [field = ''] = page.match(/<input[^>]*name="find"[^>]*>/) ?? []
  expect(field).toContain('value="git"')
  expect(buttons(page).slice(0, 2)).toEqual(['github', 'gitlab'])
  expect(buttons(page).length).toBeLessThan(10)
  expect(page).toContain(` of ${PRESETS.length}`)
  expect(page).not.toContain('</h3>')
})

test('nothing found says what to do, and what was typed is text', () => {
  const page = html('<script>alert(1)</script> zzzz')
  expect(buttons(page)).toEqual([])
  expect(page).toContain('Nothing here is called “&lt;script&gt;')
  expect(page).toContain('paste its address')
})

test('nothing on the page needs what its security policy refuses', () => {
  expect(html('')).not.toMatch(/\sstyle=|<img|<script|\son\w+=/)
})
