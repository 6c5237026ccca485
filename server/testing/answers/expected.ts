// Parts of an outcome that the table expects.

/** For `toMatchObject`, where the table is read and no test runs. */
export function matching(test: (value: unknown) => boolean, what: string): object {
  return { asymmetricMatch: test, toString: () => what, toAsymmetricMatcher: () => what }
}

export function text(pattern: RegExp): object {
  return matching((value) => typeof value === 'string' && pattern.test(value), String(pattern))
}

/** An object that lacks these. */
export function without(...names: string[]): object {
  const lacks = (value: unknown) => typeof value === 'object' && value !== null && !names.some((name) => name in value)
  return matching(lacks, `without ${names.join(', ')}`)
}

export function ok(data: unknown, more: object = {}): object {
  return { ok: true, status: 200, data, ...more }
}

/** A file of the answer's bytes; its name is the last step of the path. */
export function file(type: string, size: number, more: object = {}): object {
  return { file: 'a', type, size, ...more }
}

/** `code` may be several, where the two runtimes take the same broken wire for different things. */
export function failed(code: string | RegExp, more: object = {}): object {
  return { ok: false, error: { code: typeof code === 'string' ? code : text(code), ...more } }
}

export function invalid(message: RegExp): object {
  return failed('invalid_answer', { status: 200, message: text(message) })
}

/** There was no answer that a runtime could read. Which of the two it calls that is its own affair. */
export const NONE = failed(/^(unreachable|invalid_response)$/)
