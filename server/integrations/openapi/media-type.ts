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

/** Whether a text can be sent as a media type, or as a range of them: nothing in it can end the header. */
export function isMediaType(text: string): boolean {
  return /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+[\t ]*(;[\t -~]*)?$/.test(text)
}

/** `image/*`, `application/*+json`. */
export function isRange(mediaType: string): boolean {
  return essenceOf(mediaType).includes('*')
}

export function isInRange(mediaType: string, range: string): boolean {
  const [type = '', subtype = ''] = essenceOf(mediaType).split('/')
  const [wantedType, wantedSubtype = ''] = essenceOf(range).split('/')
  if (wantedType !== '*' && wantedType !== type) return false
  return wantedSubtype.startsWith('*') ? subtype.endsWith(wantedSubtype.slice(1)) : subtype === wantedSubtype
}

export function classOf(mediaType: string): MediaClass {
  const essence = essenceOf(mediaType)
  if (/^[^/]+\/((x-)?json(-patch|-rpc|request)?|[^/]+\+json)$/.test(essence)) return 'json'
  if (/^(application|text)\/((x-)?(ndjson|jsonl|jsonlines|json-lines)|([^/]+\+)?json-seq|stream\+json)$/.test(essence))
    return 'lines'
  if (essence === 'application/x-www-form-urlencoded') return 'form'
  if (essence.startsWith('multipart/')) return 'multipart'
  if (essence.startsWith('text/') || /^[^/]+\/([^/]+\+)?(xml|yaml)$/.test(essence)) return 'text'
  const isText = /^application\/(x-yaml|javascript|ecmascript|graphql|sql|csv|toml|x-sh|x-pem-file|jwt)$/.test(essence)
  return isText ? 'text' : 'binary'
}

const PREFERENCE: MediaClass[] = ['json', 'form', 'multipart', 'text', 'lines', 'binary']

/** Declared media types, the one that a call uses first: plain `application/json`, a range of a class behind its members. */
export function byPreference(mediaTypes: readonly string[]): string[] {
  const rank = (mediaType: string) => {
    const essence = essenceOf(mediaType)
    if (essence === 'application/json') return -1
    const place = PREFERENCE.indexOf(classOf(mediaType))
    // JSON Patch (RFC 6902) is a list of steps: what the schema describes is more often meant to be sent itself.
    return place + (isRange(mediaType) ? 0.5 : 0) + (essence === 'application/json-patch+json' ? 0.3 : 0)
  }
  return [...mediaTypes].sort((a, b) => rank(a) - rank(b))
}
