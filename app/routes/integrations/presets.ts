// The gallery: APIs that teams use, with the documents that their makers publish, or endpoints that describe themselves.
// Only what can be imported is listed. It lies in public/gallery.txt, which is no part of the Worker.
import type { AppContext } from '../../../server/context.ts'
import type { IntegrationKind } from '../../../drizzle/shapes.ts'

export interface Preset {
  /** Suggested as the integration's. */
  slug: string
  title: string
  /** What one can do with it, in a few words. */
  about: string
  category: string
  kind: IntegrationKind
  /** Several Discovery documents make one integration. Of GraphQL and MCP it is the endpoint. */
  urls: string[]
  /** Where calls go, when the document leaves that open: for the form, where people put in their own host. */
  baseUrl?: string
  /** What one must have at hand to connect, as a sentence. */
  needs: string
  /** Where one makes it. */
  keysUrl: string
  /** More words to find it by. */
  words: string
}

/** `# Category (kind)`, and below it `slug | title | about | addresses | needs | where one makes that | words | base URL`. */
export function readPresets(text: string): Preset[] {
  let category = ''
  let kind: IntegrationKind = 'openapi'
  return text.split('\n').flatMap((line): Preset[] => {
    const [, heading, of] = /^# (.*?)(?: \((google|graphql|mcp)\))?$/.exec(line) ?? []
    if (heading !== undefined) {
      category = heading
      kind = of === 'google' || of === 'graphql' || of === 'mcp' ? of : 'openapi'
    }
    const [slug = '', title = '', about = '', urls, needs = '', keysUrl = '', words = '', baseUrl] = line.split(' | ')
    if (urls === undefined) return []
    const preset = { slug, title, about, category, kind, urls: urls.split(' '), needs, keysUrl, words }
    return [{ ...preset, ...(baseUrl && { baseUrl }) }]
  })
}

let kept: Preset[] | undefined

export async function loadPresets({ assets, origin }: Pick<AppContext, 'assets' | 'origin'>): Promise<Preset[]> {
  if (kept) return kept
  const answer = await assets.fetch(new Request(`${origin}/gallery.txt`))
  if (!answer.ok) throw new Error(`The gallery answered ${answer.status}`)
  return (kept = readPresets(await answer.text()))
}

export async function findPreset(
  app: Pick<AppContext, 'assets' | 'origin'>,
  slug: string | null,
): Promise<Preset | undefined> {
  return slug ? (await loadPresets(app)).find((preset) => preset.slug === slug) : undefined
}

type FoundBy = Pick<Preset, 'slug' | 'title' | 'about' | 'category' | 'words'>

/** Those that a person may mean: every word begins one of the preset's. The title counts most. */
export function findPresets<Shown extends FoundBy>(presets: readonly Shown[], find: string): readonly Shown[] {
  const wanted = wordsOf(find)
  if (wanted.length === 0) return presets
  const fits = (text: string) => {
    const words = wordsOf(text)
    return wanted.every((word) => words.some((other) => other.startsWith(word)))
  }
  const found = presets.filter(({ slug, title, about, category, words }) =>
    fits(`${slug} ${title} ${about} ${category} ${words}`),
  )
  return [...found.filter(({ title }) => fits(title)), ...found.filter(({ title }) => !fits(title))]
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}
