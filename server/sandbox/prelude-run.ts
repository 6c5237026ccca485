/**
 * Part of the prelude: text, time and chance. The last two come from the run and not from the machine, so that a replay sees the same.
 */
export const PRELUDE_RUN = String.raw`
const decodeUtf8 = (bytes, label = 'utf-8', isFatal = false) => {
  const { value, error } = parse(host.decode(ownBuffer(bytes), stringify([label, isFatal])))
  if (error !== undefined) throw new NativeTypeError(error)
  return value
}
let clock = settings.now
function RunDate(...args) {
  if (new.target === undefined) return new NativeDate(clock).toString()
  return construct(NativeDate, args.length === 0 ? [clock] : args, new.target)
}
hide(RunDate, 'name', 'Date')
hide(RunDate, 'length', 7)
defineProperty(RunDate, 'prototype', { __proto__: null, value: NativeDate.prototype, writable: false })
hide(RunDate, 'now', function now() { return clock })
hide(RunDate, 'parse', NativeDate.parse)
hide(RunDate, 'UTC', NativeDate.UTC)
hide(NativeDate.prototype, 'constructor', RunDate)

// sfc32, filled from the seed by four FNV-1a hashes.
const hash = (salt) => {
  let state = 2166136261 ^ salt
  for (let index = 0; index < settings.seed.length; index++) state = imul(state ^ codeAt(settings.seed, index), 16777619)
  return state
}
let a = hash(1), b = hash(2), c = hash(3), d = 1
const random32 = () => {
  const next = (a + b + d) | 0
  d = (d + 1) | 0
  a = b ^ (b >>> 9)
  b = (c + (c << 3)) | 0
  c = ((c << 21) | (c >>> 11)) + next | 0
  return next >>> 0
}
for (let round = 0; round < 20; round++) random32()
hide(Math, 'random', function random() { return (random32() * 2097152 + (random32() >>> 11)) / 9007199254740992 })

const crypto = {
  randomUUID() {
    let text = ''
    for (let index = 0; index < 32; index++) {
      const digit = index === 12 ? 4 : index === 16 ? 8 + (random32() >>> 30) : random32() >>> 28
      text += (index === 8 || index === 12 || index === 16 || index === 20 ? '-' : '') + '0123456789abcdef'[digit]
    }
    return text
  },
  getRandomValues(array) {
    if (!isView(array) || typedName(array) === undefined || indexOf(typedName(array), 'Float') === 0) {
      throw new NativeTypeError('crypto.getRandomValues fills arrays of integers')
    }
    const bytes = new Bytes(typedBuffer(array), typedOffset(array), typedBytes(array))
    for (let index = 0; index < typedLength(bytes); index++) bytes[index] = random32() >>> 24
    return array
  },
}
`
