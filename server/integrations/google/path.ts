// A method's path: a URI template (RFC 6570) in which only plain variables and `{+name}` have a meaning here.

export type PathReading =
  | {
      ok: true
      /** With plain variables: `/v1/{name}/versions`. */
      template: string
      names: string[]
      /** Of the names, those that were `{+name}`. */
      reserved: string[]
    }
  | { ok: false; reason: string }

const VARIABLE = /\{(\+?)([\w$.-]+)\}/g

export function readPath(path: string): PathReading {
  const found = [...path.matchAll(VARIABLE)]
  const literal = path.replaceAll(VARIABLE, 'x')
  if (!/^\/[\w\-.~!$&'()*+,;=:@%/]*$/.test(literal)) {
    return { ok: false, reason: `The path "${path}" has characters or variables that have no meaning there.` }
  }
  if (literal.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment))) {
    return { ok: false, reason: `The path "${path}" has the steps "." or "..".` }
  }
  return {
    ok: true,
    template: path.replaceAll(VARIABLE, '{$2}'),
    names: found.map(([, , name = '']) => name),
    reserved: found.flatMap(([, operator, name = '']) => (operator ? [name] : [])),
  }
}
