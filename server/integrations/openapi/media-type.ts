// Media types by how their content is written and read.

export type MediaClass = 'json' | 'lines' | 'form' | 'multipart' | 'text' | 'binary'

/** `application/vnd.api+json; charset=utf-8` → `application/vnd.api+json`. */
export function essenceOf(mediaType: string): string {
  return (mediaType.split(';')[0] ?? '').trim().toLowerCase()
}

/** A parameter such as `charset`, without quotes; empty when absent. */
export function mediaTypeParameter(mediaType: string, name: string): string {
  for (const part of mediaType.split(';').slice(1)) {
    const [key = '', value = ''] = part.split('=')
    if (key.trim().toLowerCase() === name) return value.trim().replaceAll('"', '')
  }
  return ''
}

export function classOf(mediaType: string): MediaClass {
  const essence = essenceOf(mediaType)
  if (/^[^/]+\/(json|[^/]+\+json)$/.test(essence)) return 'json'
  if (/^(application|text)\/(x-)?(ndjson|jsonl|jsonlines|json-lines|json-seq|stream\+json)$/.test(essence))
    return 'lines'
  if (essence === 'application/x-www-form-urlencoded') return 'form'
  if (essence.startsWith('multipart/')) return 'multipart'
  if (essence.startsWith('text/') || /^[^/]+\/([^/]+\+)?(xml|yaml)$/.test(essence)) return 'text'
  const isText = /^application\/(x-yaml|javascript|ecmascript|graphql|sql|csv|toml|x-sh|x-pem-file|jwt)$/.test(essence)
  return isText ? 'text' : 'binary'
}

const PREFERENCE: MediaClass[] = ['json', 'form', 'multipart', 'text', 'lines', 'binary']

/** The one of several declared media types that a call uses; plain `application/json` before all others. */
export function preferredMediaType(mediaTypes: readonly string[]): string | undefined {
  const rank = (mediaType: string) =>
    essenceOf(mediaType) === 'application/json' ? -1 : PREFERENCE.indexOf(classOf(mediaType))
  return [...mediaTypes].sort((a, b) => rank(a) - rank(b))[0]
}
