// Values as TypeScript, for code that people copy.
const LONGEST_LINE = 64

/** A JSON-like value as a literal, on one line where it fits. */
export function literal(value: unknown, indent = ''): string {
  const oneLine = inline(value)
  if (oneLine.length + indent.length <= LONGEST_LINE || !isRecord(value)) return oneLine
  const inner = `${indent}  `
  const lines = Object.entries(value).map(([name, field]) => `${inner}${key(name)}: ${literal(field, inner)},\n`)
  return `{\n${lines.join('')}${indent}}`
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (!isRecord(value)) return JSON.stringify(value) ?? 'undefined'
  const fields = Object.entries(value).map(([name, field]) => `${key(name)}: ${inline(field)}`)
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}

function key(name: string): string {
  return isIdentifier(name) ? name : JSON.stringify(name)
}

export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
