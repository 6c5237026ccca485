// Which operation a method and a path mean. Literal segments win over parameters: /people/find before /people/{id}.
import type { Operation } from './operation.ts'

export type Match =
  | { kind: 'operation'; operation: Operation; params: Record<string, string> }
  | { kind: 'other-methods'; allow: string[] }
  | { kind: 'none' }

export function createRouter(operations: readonly Operation[]): (method: string, path: string) => Match {
  const routes = operations
    .map((operation) => ({ operation, segments: operation.path.split('/') }))
    .sort((a, b) => parameterCount(a.segments) - parameterCount(b.segments))

  return (method, path) => {
    const wanted = method === 'HEAD' ? 'get' : method.toLowerCase()
    const allow = new Set<string>()
    for (const { operation, segments } of routes) {
      const params = matchSegments(segments, path.split('/'))
      if (params === null) continue
      if (operation.method === wanted) return { kind: 'operation', operation, params }
      allow.add(operation.method.toUpperCase())
      if (operation.method === 'get') allow.add('HEAD')
    }
    return allow.size > 0 ? { kind: 'other-methods', allow: [...allow].sort() } : { kind: 'none' }
  }
}

function parameterCount(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith('{')).length
}

function matchSegments(pattern: readonly string[], path: readonly string[]): Record<string, string> | null {
  if (pattern.length !== path.length) return null
  const params: Record<string, string> = {}
  for (const [index, segment] of pattern.entries()) {
    const given = path[index] ?? ''
    if (segment.startsWith('{')) {
      const value = decode(given)
      if (value === null || value === '') return null
      params[segment.slice(1, -1)] = value
    } else if (segment !== given) return null
  }
  return params
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment)
  } catch {
    return null
  }
}
