/**
 * Part of the prelude: values on their way out (`serialize`) and in (`revive`), and files.
 *
 * How values are rendered: what JSON has, as JSON. Map: an object when every key is a string, else a list of pairs.
 * Set: a list. Date: ISO 8601. Error: name, message and own fields. Bytes: a file. Other typed arrays: lists. RegExp and
 * symbols: their text. Functions, promises and rings: a sentence in square brackets; as an argument of a call, an error.
 */
export const PRELUDE_VALUES = String.raw`
class ToolError extends NativeError {
  constructor(shape) {
    const { code = 'error', message, status, details, retryable } = typeof shape === 'object' && shape !== null ? shape : { message: shape }
    super(message)
    this.code = code
    if (status !== undefined) this.status = status
    if (details !== undefined) this.details = details
    if (retryable !== undefined) this.retryable = retryable
  }
}
hide(ToolError.prototype, 'name', 'ToolError')

const fileBytes = new NativeWeakMap()
class File {
  constructor(name, type, bytes) {
    this.name = name
    this.type = type
    this.size = bytes.length
    weakSet(fileBytes, this, bytes)
  }
  async bytes() { return new Bytes(weakGet(fileBytes, this)) }
  async arrayBuffer() { return new Bytes(weakGet(fileBytes, this)).buffer }
  async text() { return decodeUtf8(weakGet(fileBytes, this)) }
  async json() { return parse(decodeUtf8(weakGet(fileBytes, this))) }
}
const bufferLength = uncurry(descriptorOf(Buffer.prototype, 'byteLength').get)
const typedPrototype = getPrototypeOf(Bytes.prototype)
const typedName = uncurry(descriptorOf(typedPrototype, Symbol.toStringTag).get)
const typedLength = uncurry(descriptorOf(typedPrototype, 'length').get)
const typedOf = (name) => uncurry(descriptorOf(typedPrototype, name).get)
const typedBuffer = typedOf('buffer'), typedOffset = typedOf('byteOffset'), typedBytes = typedOf('byteLength')
const viewOf = (name) => uncurry(descriptorOf(NativeDataView.prototype, name).get)
const viewBuffer = viewOf('buffer'), viewOffset = viewOf('byteOffset'), viewBytes = viewOf('byteLength')

/** Bytes of an ArrayBuffer, a Uint8Array or a DataView; undefined for anything else. */
const bytesOf = (value) => {
  if (value instanceof Buffer) return new Bytes(value, 0, bufferLength(value))
  if (!isView(value)) return undefined
  const name = typedName(value)
  if (name === undefined) return new Bytes(viewBuffer(value), viewOffset(value), viewBytes(value))
  if (name !== 'Uint8Array' && name !== 'Uint8ClampedArray') return undefined
  return new Bytes(typedBuffer(value), typedOffset(value), typedBytes(value))
}
const ownBuffer = (bytes) =>
  typedOffset(bytes) === 0 && typedBytes(bytes) === bufferLength(typedBuffer(bytes)) ? typedBuffer(bytes) : typedBuffer(new Bytes(bytes))

const dateToIso = uncurry(NativeDate.prototype.toISOString), dateTime = uncurry(NativeDate.prototype.getTime)
const mapEach = uncurry(NativeMap.prototype.forEach), setEach = uncurry(NativeSet.prototype.forEach)
const regExpText = uncurry(NativeRegExp.prototype.toString), symbolText = uncurry(Symbol.prototype.toString)
const boxes = [[NativeString, uncurry(''.valueOf)], [NativeNumber, uncurry((0).valueOf)], [NativeBoolean, uncurry(true.valueOf)]]
const paths = new NativeWeakMap()
const nameOfFunction = (value) => { const own = descriptorOf(value, 'name'); return own && typeof own.value === 'string' ? own.value : '' }

class Unwritable extends NativeTypeError {}
class TooLarge extends NativeRangeError {}

/** JSON text, or undefined when there is nothing to say. Strict (arguments of calls): an error for what JSON lacks. Text (logs): files are described. */
const serialize = (root, { isStrict = false, isText = false, limit = settings.resultCharacters } = {}) => {
  let size = 0
  const trail = [], ancestors = []
  const where = () => (trail.length === 0 ? 'the value' : '"' + slice(joinArray(trail, '.'), 0, 100) + '"')
  const out = (text) => {
    size += text.length
    if (size > limit) throw new TooLarge('The value is larger than ' + limit + ' characters of JSON')
    return text
  }
  const instead = (text, reason) => {
    if (isStrict) throw new Unwritable(where() + ' ' + reason)
    return out(stringify('[' + text + ']'))
  }
  const writeString = (value) => {
    if (value.length + size > limit) throw new TooLarge('The value is larger than ' + limit + ' characters of JSON')
    return out(stringify(value))
  }
  const list = (count, at) => {
    let text = '['
    for (let index = 0; index < count; index++) {
      append(trail, index)
      const item = write(at(index), index)
      text += (index === 0 ? '' : ',') + (item === undefined ? out('null') : item)
      out(',')
      trail.length--
    }
    return text + ']'
  }
  const record = (names, at) => {
    let text = ''
    for (let index = 0; index < names.length; index++) {
      append(trail, names[index])
      const item = write(at(names[index]), names[index])
      if (item !== undefined) text += (text === '' ? '' : ',') + writeString(names[index]) + ':' + item
      trail.length--
    }
    return '{' + text + out('}')
  }
  const write = (value, key) => {
    switch (typeof value) {
      case 'string': return writeString(value)
      case 'number': return out(isFinite(value) ? '' + value : 'null')
      case 'boolean': return value ? out('true') : out('false')
      case 'undefined': return undefined
      case 'symbol': return isStrict ? instead('', 'is a symbol') : writeString(symbolText(value))
      case 'function': return writeFunction(value)
    }
    if (value === null) return out('null')
    for (let index = 0; index < ancestors.length; index++) {
      if (ancestors[index] === value) return instead('Circular', 'contains itself')
    }
    if (ancestors.length >= settings.depth) return instead('nested deeper than ' + settings.depth + ' levels', 'is nested deeper than ' + settings.depth + ' levels')
    append(ancestors, value)
    const text = writeObject(value, key)
    ancestors.length--
    return text
  }
  const writeFunction = (value) => {
    const path = weakGet(paths, value)
    if (path === undefined) return instead('Function' + (nameOfFunction(value) === '' ? '' : ' ' + nameOfFunction(value)), 'is a function')
    return instead(path.text + ': not a value; call it with (input), or look it up with tools.describe', 'is the tool path ' + path.text + ', not a value: call it and await the result')
  }
  const writeObject = (value, key) => {
    if (isArray(value)) return list(value.length, (index) => value[index])
    if (weakHas(fileBytes, value)) return writeFile(value.name, value.type, weakGet(fileBytes, value))
    const bytes = bytesOf(value)
    if (bytes !== undefined) return writeFile('bytes', 'application/octet-stream', bytes)
    if (isView(value)) return list(typedLength(value), (index) => value[index])
    if (value instanceof NativeDate) return isFinite(dateTime(value)) ? out(stringify(dateToIso(value))) : out('null')
    if (value instanceof NativeMap) return writeMap(value)
    if (value instanceof NativeSet) {
      const items = []
      setEach(value, (item) => append(items, item))
      return list(items.length, (index) => items[index])
    }
    if (typeof value.toJSON === 'function') return write(value.toJSON(key === undefined ? '' : '' + key))
    if (value instanceof NativeError) return writeError(value)
    if (value instanceof NativeRegExp) return writeString(regExpText(value))
    if (value instanceof NativePromise || typeof value.then === 'function') return instead('Promise: await it', 'is a promise: await it first')
    if (value instanceof NativeWeakMap || value instanceof NativeWeakSet) return instead('not readable', 'cannot be read')
    for (let index = 0; index < boxes.length; index++) if (value instanceof boxes[index][0]) return write(boxes[index][1](value))
    return record(keysOf(value), (name) => value[name])
  }
  const writeMap = (map) => {
    const pairs = []
    let hasOnlyNames = true
    mapEach(map, (value, key) => {
      if (typeof key !== 'string') hasOnlyNames = false
      append(pairs, [key, value])
    })
    if (!hasOnlyNames) return list(pairs.length, (index) => pairs[index])
    const names = [], byName = create(null)
    for (let index = 0; index < pairs.length; index++) {
      append(names, pairs[index][0])
      byName[pairs[index][0]] = pairs[index][1]
    }
    return record(names, (name) => byName[name])
  }
  const writeError = (error) => {
    const names = ['name', 'message'], own = keysOf(error)
    for (let index = 0; index < own.length; index++) if (own[index] !== 'name' && own[index] !== 'message' && own[index] !== 'stack') append(names, own[index])
    return record(names, (name) => error[name])
  }
  const writeFile = (name, type, bytes) => {
    if (isText) return record(['name', 'type', 'size'], (field) => (field === 'name' ? name : field === 'type' ? type : bytes.length))
    const index = host.putFile(ownBuffer(bytes), stringify(['' + name, '' + type]))
    if (index < 0) throw new TooLarge('Too many bytes of files left this run')
    return out('{' + stringify(settings.fileMarker) + ':' + index + '}')
  }
  return write(root)
}

/** A value from the host; its files were handed over before and are numbered in order. */
const revive = (text, files) => {
  const value = parse(text)
  if (files.length === 0) return value
  const walk = (node) => {
    if (typeof node !== 'object' || node === null) return node
    const index = descriptorOf(node, settings.fileMarker)
    if (index !== undefined) return files[index.value]
    const names = keysOf(node)
    for (let at = 0; at < names.length; at++) {
      defineProperty(node, names[at], { __proto__: null, value: walk(node[names[at]]), writable: true, enumerable: true, configurable: true })
    }
    return node
  }
  return walk(value)
}
`
