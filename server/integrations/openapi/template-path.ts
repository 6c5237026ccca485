// The variables of a path. OpenAPI has `{name}`; frameworks and RFC 6570 have more, and documents repeat it.

export interface PathVariable {
  name: string
  /** A value may have slashes: it stands for several segments. */
  isReserved: boolean
}

/** What is in braces; a pattern within may have braces of its own. */
const EXPRESSION = /\{((?:[^{}]|\{[^{}]*\})+)\}/g

/** The variables in their order, each once. `declared`: names that the document describes, which are names as they are. */
export function variablesOf(path: string, declared: ReadonlySet<string>): PathVariable[] {
  const variables = new Map<string, PathVariable>()
  for (const [, expression = ''] of withoutFragment(path).matchAll(EXPRESSION)) {
    const variable = variableOf(expression, declared)
    if (!variables.has(variable.name)) variables.set(variable.name, variable)
  }
  return [...variables.values()]
}

/** The path as OpenAPI writes it, with nothing but names in braces. */
export function plainPath(path: string, declared: ReadonlySet<string>): string {
  const template = withoutFragment(path)
  const plain = template.replaceAll(EXPRESSION, (_whole, expression: string) => {
    return `{${variableOf(expression, declared).name}}`
  })
  return plain + path.slice(template.length)
}

/** `+name` (RFC 6570), `name+` (API Gateway), `*name` and `**name` (ASP.NET, Spring), `name:pattern` (JAX-RS). */
function variableOf(expression: string, declared: ReadonlySet<string>): PathVariable {
  const [, before = '', name, after = ''] = /^\s*(\+|\*{0,2})([^+*:{}]+?)([+*]?)\s*(?::.*)?$/s.exec(expression) ?? []
  if (declared.has(expression) || name === undefined) return { name: expression, isReserved: false }
  return { name, isReserved: before + after !== '' }
}

function withoutFragment(path: string): string {
  return path.split('#')[0] ?? ''
}

/** Whether the path itself, without any value, would lead elsewhere. */
export function hasSteps(path: string): boolean {
  return (path.split(/[?#]/)[0] ?? '').split(/[/\\]/).some((segment) => /^(\.|%2e){1,2}$/i.test(segment))
}
