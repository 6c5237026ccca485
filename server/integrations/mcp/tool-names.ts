// What a server's tool is called in code. The server's own name, as far as code can write it: what is an identifier stays
// as it is, dots and slashes become groups, and whatever else becomes `_`. The catalog tells apart what becomes the same.
import { safeIdentifier } from '../openapi/names.ts'

/** `files/get-size` → `files.get_size` */
export function suggestedName(name: string): string {
  const segments = name
    .normalize('NFKC')
    .split(/[/.:]+/)
    .map((segment) => segment.replaceAll(/^[^\p{ID_Continue}$]+|[^\p{ID_Continue}$]+$/gu, ''))
    .map((segment) => segment.replaceAll(/[^\p{ID_Continue}$]+/gu, '_'))
    .filter(Boolean)
  return (segments.length > 0 ? segments : ['tool']).map(safeIdentifier).join('.')
}
