// What a scalar of YAML without quotes means: the core schema of YAML 1.2 (§10.3.2), or the types of version 1.1 in a
// document that says it is one.
const NULL = /^(?:~|null|Null|NULL)?$/
const TRUE = /^(?:true|True|TRUE)$/
const FALSE = /^(?:false|False|FALSE)$/
const NUMBER = /^(?:0o[0-7]+|0x[\da-fA-F]+|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?)$/
const INFINITE = /^[-+]?\.(?:inf|Inf|INF)$/
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/
const OLD_TRUE = /^(?:y|Y|yes|Yes|YES|on|On|ON)$/
const OLD_FALSE = /^(?:n|N|no|No|NO|off|Off|OFF)$/

/** Dates are text, as they are in JSON. */
export function scalarOf(text: string, isVersion11: boolean): string | number | boolean | null {
  if (NULL.test(text)) return null
  if (TRUE.test(text) || (isVersion11 && OLD_TRUE.test(text))) return true
  if (FALSE.test(text) || (isVersion11 && OLD_FALSE.test(text))) return false
  if (INFINITE.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (NOT_A_NUMBER.test(text)) return NaN
  if (isVersion11) return oldNumber(text) ?? text
  return NUMBER.test(text) ? Number(text) : text
}

/** `1_000`, `0b11`, `017`, `1:30` (in sixties). */
function oldNumber(text: string): number | null {
  const digits = /^[-+]?(\.?\d[\w.:+-]*)$/.exec(text)?.[1]?.replaceAll('_', '') ?? ''
  const sign = text.startsWith('-') ? -1 : 1
  if (/^0[0-7]+$/.test(digits)) return sign * parseInt(digits, 8)
  if (/^\d+(?::[0-5]?\d)+(?:\.\d*)?$/.test(digits)) {
    return sign * digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  }
  const isNumber = /^0b[01]+$/.test(digits) || (NUMBER.test(digits) && !digits.startsWith('0o'))
  return isNumber ? sign * Number(digits) : null
}
