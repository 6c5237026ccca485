/**
 * The Link header (RFC 8288, section 3): targets by their relations, the first of each. Links whose context is another
 * resource (`anchor`) are left out. What is malformed ends the reading.
 */
export function readLinkHeader(header: string): Map<string, string> {
  const links = new Map<string, string>()
  let at = 0
  // Sticky, and without two ways to match the same text: a hostile header costs no more than its length.
  const read = (pattern: RegExp) => {
    pattern.lastIndex = at
    const match = pattern.exec(header)
    if (match !== null) at = pattern.lastIndex
    return match
  }
  for (let target = read(TARGET); target !== null; target = read(TARGET)) {
    let relations: string | undefined
    let hasAnchor = false
    for (let found = read(PARAMETER); found !== null; found = read(PARAMETER)) {
      const name = (found[1] ?? '').toLowerCase()
      if (name === 'rel') relations ??= found[2] ?? found[3] ?? ''
      if (name === 'anchor') hasAnchor = true
    }
    for (const relation of hasAnchor ? [] : (relations ?? '').toLowerCase().split(/\s+/)) {
      if (!links.has(relation)) links.set(relation, target[1] ?? '')
    }
  }
  return links
}

const TARGET = /[\s,]*<([^>]*)>/y
const PARAMETER = /\s*;\s*([^\s=;,"]*)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y
