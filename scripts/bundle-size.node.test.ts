import { expect, test } from 'vitest'
import { firstPageScripts, parseUpload } from './bundle-size.ts'

test('the size of the Worker is the gzip figure that wrangler prints', () => {
  expect(parseUpload('x\nTotal Upload: 2241.96 KiB / gzip: 541.23 KiB\n--dry-run: exiting now.')).toBe(541.23)
  expect(parseUpload('Total Upload: 9.00 MiB / gzip: 2.00 MiB')).toBe(2048)
  expect(() => parseUpload('Error')).toThrow('no size')
})

test('the first page loads the entry, the root, the home and what they import, each once', () => {
  const manifest = {
    entry: { module: '/assets/entry.js', imports: ['/assets/react.js'] },
    routes: {
      root: { module: '/assets/root.js', imports: ['/assets/react.js', '/assets/shell.js'] },
      'routes/home/home': { module: '/assets/home.js', imports: ['/assets/shell.js'] },
      'routes/runs/list': { module: '/assets/runs.js' },
    },
  }
  expect(firstPageScripts(`window.__reactRouterManifest=${JSON.stringify(manifest)};`)).toEqual([
    '/assets/entry.js',
    '/assets/react.js',
    '/assets/root.js',
    '/assets/shell.js',
    '/assets/home.js',
  ])
  expect(() => firstPageScripts('window.x={"entry":{"module":"a","imports":[]},"routes":{}};')).toThrow('routes/home')
})
