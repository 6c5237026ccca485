/**
 * The web's own globals, worked out by the host, which has the real ones. They cost 2 ms to set up, and most programs use
 * none of them: this runs when the first of them is read, with what the prelude captured before the program began.
 */
export const PRELUDE_WEB = String.raw`(function (captured) {
'use strict'
const { host, apply, construct, defineProperty, keysOf, isArray, isView, parse, stringify, uncurry, bytesOf, ownBuffer, decodeUtf8, hide,
  typedName, typedBuffer, typedOffset, typedBytes, dateTime, mapEach, setEach, weakHas, weakGet, fileBytes, File, Bytes, Buffer,
  NativeDate, NativeError, NativeTypeError, NativePromise, NativeMap, NativeSet, NativeRegExp, NativeWeakMap, NativeWeakSet } = captured
const compute = (operation, input) => {
  const { value, error } = parse(host.compute(stringify([operation, input])))
  if (error !== undefined) throw new NativeTypeError(error)
  return value
}
class TextEncoder {
  get encoding() { return 'utf-8' }
  encode(text = '') { return new Bytes(host.encode(stringify('' + text))) }
}
class TextDecoder {
  #label
  #isFatal
  constructor(label = 'utf-8', options) {
    this.#label = '' + label
    this.#isFatal = options?.fatal === true
    decodeUtf8(new Bytes(0), this.#label, this.#isFatal)
  }
  get encoding() { return this.#label }
  decode(input) {
    if (input === undefined) return ''
    const bytes = bytesOf(input) ?? (isView(input) ? new Bytes(typedBuffer(input), typedOffset(input), typedBytes(input)) : undefined)
    if (bytes === undefined) throw new NativeTypeError('TextDecoder.decode takes bytes')
    return decodeUtf8(bytes, this.#label, this.#isFatal)
  }
}
const atob = (text) => compute('atob', '' + text)
const btoa = (text) => compute('btoa', '' + text)

class URLSearchParams {
  #pairs = []
  #changed = () => {}
  static link(pairs, changed) {
    const params = new URLSearchParams()
    params.#pairs = pairs
    params.#changed = changed
    return params
  }
  constructor(init = '') {
    if (typeof init !== 'object' || init === null) this.#pairs = compute('pairs', '' + init)
    else if (typeof init[Symbol.iterator] === 'function') for (const [name, value] of init) this.#pairs.push(['' + name, '' + value])
    else for (const name of keysOf(init)) this.#pairs.push([name, '' + init[name]])
  }
  get size() { return this.#pairs.length }
  append(name, value) { this.#pairs.push(['' + name, '' + value]); this.#changed() }
  delete(name, value) { this.#keep((pair) => pair[0] !== '' + name || (value !== undefined && pair[1] !== '' + value)) }
  get(name) { return this.#pairs.find((pair) => pair[0] === '' + name)?.[1] ?? null }
  getAll(name) { return this.#pairs.filter((pair) => pair[0] === '' + name).map((pair) => pair[1]) }
  has(name, value) { return this.#pairs.some((pair) => pair[0] === '' + name && (value === undefined || pair[1] === '' + value)) }
  set(name, value) {
    const first = this.#pairs.find((pair) => pair[0] === '' + name)
    if (first === undefined) return this.append(name, value)
    first[1] = '' + value
    this.#keep((pair) => pair === first || pair[0] !== '' + name)
  }
  sort() { this.#pairs.sort((one, other) => (one[0] < other[0] ? -1 : one[0] > other[0] ? 1 : 0)); this.#changed() }
  #keep(isKept) { this.#pairs.splice(0, this.#pairs.length, ...this.#pairs.filter(isKept)); this.#changed() }
  forEach(callback, self) { for (const [name, value] of this) apply(callback, self, [value, name, this]) }
  *entries() { for (const [name, value] of this.#pairs) yield [name, value] }
  *keys() { for (const [name] of this.#pairs) yield name }
  *values() { for (const [, value] of this.#pairs) yield value }
  [Symbol.iterator]() { return this.entries() }
  toString() { return compute('query', this.#pairs) }
  toJSON() { return this.toString() }
}
const linkParams = URLSearchParams.link
delete URLSearchParams.link

class URL {
  #parts
  #params
  static canParse(href, base) {
    try { return new URL(href, base) !== undefined } catch { return false }
  }
  static parse(href, base) {
    try { return new URL(href, base) } catch { return null }
  }
  constructor(href, base) { this.#parts = compute('url', ['' + href, base === undefined ? null : '' + base]) }
  static read(url, name) { return url.#parts[name] }
  static write(url, name, value) {
    url.#parts = compute('change', [url.#parts.href, name, '' + value])
    if (url.#params) url.#params = undefined
  }
  get searchParams() {
    if (this.#params === undefined) {
      const pairs = compute('pairs', this.#parts.search)
      this.#params = linkParams(pairs, () => { this.#parts = compute('change', [this.#parts.href, 'search', compute('query', pairs)]) })
    }
    return this.#params
  }
  toString() { return this.#parts.href }
  toJSON() { return this.#parts.href }
}
const { read: readUrl, write: writeUrl } = URL
delete URL.read
delete URL.write
for (const name of ['href', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash', 'origin']) {
  defineProperty(URL.prototype, name, {
    __proto__: null,
    get() { return readUrl(this, name) },
    set: name === 'origin' ? undefined : function (value) { writeUrl(this, name, value) },
    enumerable: true,
    configurable: true,
  })
}

const structuredClone = (root) => {
  const copies = new NativeMap(), have = uncurry(NativeMap.prototype.has), get = uncurry(NativeMap.prototype.get)
  const setMap = uncurry(NativeMap.prototype.set), addSet = uncurry(NativeSet.prototype.add)
  const clone = (value) => {
    if (typeof value === 'function' || typeof value === 'symbol') throw new NativeTypeError('structuredClone: a ' + typeof value + ' cannot be cloned')
    if (typeof value !== 'object' || value === null) return value
    if (have(copies, value)) return get(copies, value)
    const remember = (copy) => (setMap(copies, value, copy), copy)
    if (weakHas(fileBytes, value)) return remember(new File(value.name, value.type, weakGet(fileBytes, value)))
    if (value instanceof Buffer) return remember(typedBuffer(new Bytes(bytesOf(value))))
    if (isView(value) && typedName(value) !== undefined) return remember(construct(globalThis[typedName(value)], [value]))
    if (value instanceof NativeDate) return remember(new NativeDate(dateTime(value)))
    if (value instanceof NativeRegExp) return remember(new NativeRegExp(value.source, value.flags))
    if (value instanceof NativeMap) {
      const copy = remember(new NativeMap())
      mapEach(value, (item, key) => setMap(copy, clone(key), clone(item)))
      return copy
    }
    if (value instanceof NativeSet) {
      const copy = remember(new NativeSet())
      setEach(value, (item) => addSet(copy, clone(item)))
      return copy
    }
    if (value instanceof NativePromise || value instanceof NativeWeakMap || value instanceof NativeWeakSet) {
      throw new NativeTypeError('structuredClone: this object cannot be cloned')
    }
    const copy = remember(isArray(value) ? [] : value instanceof NativeError ? new NativeError(value.message) : {})
    if (isArray(value)) copy.length = value.length
    if (value instanceof NativeError) hide(copy, 'name', value.name)
    const names = keysOf(value)
    for (let index = 0; index < names.length; index++) {
      defineProperty(copy, names[index], { __proto__: null, value: clone(value[names[index]]), writable: true, enumerable: true, configurable: true })
    }
    return copy
  }
  return clone(root)
}
return { URL, URLSearchParams, TextEncoder, TextDecoder, atob, btoa, structuredClone }
})`
