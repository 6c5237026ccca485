/** Part of the prelude: `tools`, `results`, `emit`, `console`, timers, and the controls that the host holds. */
export const PRELUDE_TOOLS = String.raw`
const waiting = create(null)
/** Given back when the program failed, so that there is room to say why. */
let spare = new Buffer(131072)

/** Asks the host. A failure carries the stack of the place that asked. "problem" refuses without asking. */
const agentStack = (asked) => {
  const lines = split('' + asked.stack, '\n')
  let text = ''
  for (let index = 0; index < lines.length; index++) if (lines[index] !== '' && indexOf(lines[index], '(prelude.js:') < 0) text += lines[index] + '\n'
  return text
}
const ask = (request, isPlain = false, problem = undefined, asked = new NativeError()) => {
  return new NativePromise((resolve, reject) => {
    const refuse = (code, message) => {
      const error = new ToolError({ code, message })
      hide(error, 'stack', agentStack(asked))
      reject(error)
    }
    if (problem !== undefined) return refuse('invalid_arguments', problem)
    let text
    try {
      text = serialize(request, { isStrict: true })
    } catch (error) {
      if (!(error instanceof Unwritable || error instanceof TooLarge)) throw error
      return refuse('invalid_arguments', 'The input cannot be sent: ' + error.message + '.')
    }
    const number = host.request(text)
    if (number === 0) return refuse('call_limit', 'A run may ask at most ' + settings.calls + ' times (calls, searches and timers together). Return what you have, or do the rest in another run.')
    waiting[number] = { resolve, reject, asked, isPlain }
  })
}

/** What a path and an input ask of the host. */
const toolRequest = (segments, input, raw) => {
  const parts = split(joinArray(segments, '.'), '.')
  const at = indexOf(parts[0], '@')
  const connection = at < 0 ? undefined : slice(parts[0], at + 1)
  if (at >= 0) parts[0] = slice(parts[0], 0, at)
  const address = joinArray(parts, '.')
  return { kind: 'tool', address, connection, input: input === undefined ? {} : input, raw }
}
const callTool = (segments, isRaw, args) => {
  const problem = args.length > 1 ? 'A tool takes one object with everything in it, and this call has ' + args.length + ' arguments.' : undefined
  return ask(toolRequest(segments, args[0], isRaw), !isRaw, problem)
}

/** One call a page, each when it is asked for: by for await, or all of them by await, once. */
class Pages {
  #text
  #next
  #source
  #all
  constructor(segments, args) {
    const asked = new NativeError()
    const options = args[1] === undefined ? {} : args[1]
    const most = options === null || options.max === undefined ? 20 : options.max
    const isWhole = typeof most === 'number' && floor(most) === most && most >= 1 && most <= settings.pages
    const problem = args.length > 2 || typeof options !== 'object' ? '.pages takes (input, { max })' : isWhole ? undefined : 'max is how many pages are read at most: a whole number from 1 to ' + settings.pages + '.'
    this.#text = 'tools.' + joinArray(segments, '.') + '.pages'
    this.#next = args[0] === undefined ? {} : args[0]
    this.#source = this.#read(problem === undefined ? most : 1, (input) => ask({ ...toolRequest(segments, input, true), paged: true }, false, problem, asked))
  }
  /** The input of the page after the last one that was read; undefined when there is none. */
  get next() { return this.#next }
  async *#read(most, readPage) {
    for (let count = 0; count < most && this.#next !== undefined; count++) {
      const page = await readPage(this.#next)
      this.#next = page.next
      yield page.data
    }
    if (this.#next !== undefined) writeLog('warning: ', [this.#text + ' stopped at { max: ' + most + ' }, and there are more pages: raise it, or go on with .next as input'])
  }
  async #collect() {
    const pages = []
    for (;;) {
      const { value, done } = await this.#source.next()
      if (done) break
      append(pages, value)
    }
    hide(pages, 'next', this.#next)
    return pages
  }
  then(resolve, reject) { return thenOf(this.#all ??= this.#collect(), resolve, reject) }
  catch(reject) { return this.then(undefined, reject) }
  [Symbol.asyncIterator]() { return this.#source }
}
const lookUp = (kind, name) => (input) =>
  ask({ kind, input: input === undefined ? {} : typeof input === 'function' && weakHas(paths, input) ? { [name]: weakGet(paths, input).address } : typeof input === 'string' ? { [name]: input } : input })
const search = lookUp('search', 'query'), describe = lookUp('describe', 'address')

/** A path is callable, has every property, and is never taken for a promise. */
const createPath = (segments) => {
  const address = joinArray(segments, '.')
  const text = segments.length === 0 ? 'tools' : 'tools.' + address
  const members = create(null)
  const unlisted = () => { throw new NativeTypeError(text + ' cannot be listed or changed. Use tools.search({ query }) to see what there is.') }
  const path = new NativeProxy(() => {}, {
    get(target, key) {
      if (key === Symbol.toPrimitive || key === 'toString') return () => '[' + text + ']'
      if (typeof key === 'symbol' || key === 'then' || key === 'toJSON') return undefined
      if (segments.length === 0 && key === 'search') return search
      if (segments.length === 0 && key === 'describe') return describe
      if (members[key] === undefined) {
        const longer = []
        for (let index = 0; index < segments.length; index++) append(longer, segments[index])
        append(longer, key)
        members[key] = createPath(longer)
      }
      return members[key]
    },
    apply(target, self, args) {
      if (segments.length === 0) throw new NativeTypeError('tools is not a function. Call one of its tools: tools.<integration>.<tool>(input).')
      const form = segments.length > 1 ? segments[segments.length - 1] : ''
      if (form === 'raw' || form === 'pages') {
        const shorter = []
        for (let index = 0; index < segments.length - 1; index++) append(shorter, segments[index])
        return form === 'raw' ? callTool(shorter, true, args) : new Pages(shorter, args)
      }
      return callTool(segments, false, args)
    },
    has: (target, key) => typeof key === 'string' && key !== 'then',
    ownKeys: unlisted, set: unlisted, deleteProperty: unlisted, defineProperty: unlisted, setPrototypeOf: unlisted,
    getOwnPropertyDescriptor: () => undefined,
  })
  weakSet(paths, path, { text, address })
  return path
}

const results = { get: (run) => ask({ kind: 'results', run: '' + run }) }

const emit = (value) => {
  const text = serialize(value)
  if (!host.emit(text === undefined ? 'null' : text)) throw new TooLarge('The emitted values are larger than ' + settings.resultCharacters + ' characters of JSON')
}

let logRoom = settings.logCharacters
let isLogCut = false
const show = (value) => {
  if (typeof value === 'string') return value.length > logRoom ? slice(value, 0, logRoom + 1) : value
  if (typeof value === 'undefined') return 'undefined'
  if (typeof value === 'number') return '' + value
  try {
    if (value instanceof NativeError) return value.name + ': ' + value.message
    return parseQuoted(serialize(value, { limit: max(1000, logRoom), isText: true }))
  } catch (error) {
    if (error instanceof TooLarge) return '[too large to log]'
    throw error
  }
}
/** A rendering that is only a sentence (a function, a symbol) is shown without quotes. */
const parseQuoted = (text) => (text === undefined ? 'undefined' : text[0] === '"' ? parse(text) : text)
const writeLog = (prefix, values) => {
  if (isLogCut) return
  let line = prefix
  for (let index = 0; index < values.length; index++) {
    line += (index === 0 ? '' : ' ') + show(values[index])
    if (line.length > logRoom) break
  }
  if (line.length + 1 > logRoom) {
    isLogCut = true
    line = slice(line, 0, logRoom) + '\n[the log was cut here: at most ' + settings.logCharacters + ' characters are kept]'
  }
  logRoom -= line.length + 1
  host.log(stringify(line + '\n'))
}
const log = (prefix) => (...values) => writeLog(prefix, values)
const console = { log: log(''), info: log(''), debug: log(''), table: log(''), dir: log(''), trace: log(''), warn: log('warning: '), error: log('error: ') }

let timers = 0
const active = new NativeSet()
const addActive = uncurry(NativeSet.prototype.add), dropActive = uncurry(NativeSet.prototype.delete)
const setTimeout = (callback, delay, ...args) => {
  if (typeof callback !== 'function') throw new NativeTypeError('setTimeout takes a function; code from strings is off')
  const ms = max(0, floor(+delay) || 0)
  if (ms > settings.timerMs) throw new NativeRangeError('setTimeout waits at most ' + settings.timerMs + ' ms')
  const id = ++timers
  addActive(active, id)
  const fired = thenOf(ask({ kind: 'timer', ms }), () => (dropActive(active, id) ? apply(callback, undefined, args) : undefined))
  thenOf(fired, undefined, (error) => writeLog('error: ', ['uncaught in a timer:', error]))
  return id
}
const clearTimeout = (id) => { dropActive(active, id) }

const globals = {
  tools: createPath([]), results, emit, console, ToolError, crypto, setTimeout, clearTimeout, Date: RunDate,
}
for (const name of keysOf(globals)) hide(globalThis, name, globals[name])

let web
const loadWeb = () => web ??= host.loadWeb()({ host, apply, construct, defineProperty, keysOf, isArray, isView, parse, stringify, uncurry,
  bytesOf, ownBuffer, decodeUtf8, hide, typedName, typedBuffer, typedOffset, typedBytes, dateTime, mapEach, setEach, weakHas, weakGet,
  fileBytes, File, Bytes, Buffer, NativeDate, NativeError, NativeTypeError, NativePromise, NativeMap, NativeSet, NativeRegExp, NativeWeakMap, NativeWeakSet })
for (const name of ['URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'structuredClone']) {
  defineProperty(globalThis, name, {
    __proto__: null,
    get() { return loadWeb()[name] },
    set(value) { hide(globalThis, name, value) },
    enumerable: false,
    configurable: true,
  })
}

const textOf = (value) => { try { return typeof value === 'string' ? value : value === undefined ? '' : '' + value } catch { return '' } }
const controls = {
  /** A promise of the result's JSON text. A script's completion value comes boxed; when it is a function, it is called. */
  finish: async (program, isBody) => {
    let value = await program
    if (!isBody) {
      value = value.value
      if (typeof value === 'function' && !weakHas(paths, value)) value = await value()
      // A script's completion value may be a promise that nobody awaited: it is the result all the same.
      else if (value instanceof NativePromise || value instanceof Pages) value = await value
    }
    return serialize(value)
  },
  settle: (number, now, isOk, text, files) => {
    const { resolve, reject, asked, isPlain } = waiting[number]
    delete waiting[number]
    clock = max(clock, now)
    let value
    try {
      value = revive(text, files)
    } catch {
      value = { code: 'unreadable_result', message: 'The result is too large or nested too deeply for the memory of a run.' }
      isOk = false
    }
    if (isOk && isPlain && value.errors !== undefined) {
      const first = value.errors[0]
      writeLog('warning: ', ['an answer is not whole, .raw() has its errors:', first && first.message])
    }
    if (isOk) return resolve(isPlain ? value.data : value)
    const error = new ToolError(value)
    hide(error, 'stack', agentStack(asked))
    reject(error)
  },
  file: (files, buffer, text) => { const [name, type] = parse(text); append(files, new File(name, type, new Bytes(buffer))) },
  newFiles: () => [],
  /** Fails when there is no room left for a text or a file of this size. */
  reserve: (bytes) => { new Buffer(bytes) },
  describe: (thrown) => {
    spare = undefined
    if (thrown instanceof TooLarge) return stringify({ code: 'result_too_large', message: thrown.message + '. Return less, or emit it in parts.', stack: '' })
    if (thrown instanceof ToolError) {
      let details
      try { details = serialize(thrown.details, { limit: 65536, isText: true }) } catch { details = '"[too large]"' }
      return stringify({ code: slice(textOf(thrown.code), 0, 100), message: slice(textOf(thrown.message), 0, 4096), status: isFinite(thrown.status) ? thrown.status : undefined,
        retryable: thrown.retryable === true ? true : undefined, details: details === undefined ? undefined : parse(details), stack: slice(textOf(thrown.stack), 0, 4096) })
    }
    if (thrown instanceof NativeError) return stringify({ name: slice(textOf(thrown.name), 0, 100), message: slice(textOf(thrown.message), 0, 4096), stack: slice(textOf(thrown.stack), 0, 4096) })
    let message
    try { message = serialize(thrown, { limit: 4096, isText: true }) } catch {}
    return stringify({ message: 'The program threw ' + (message === undefined ? textOf(thrown) || 'undefined' : message), stack: '' })
  },
}
`
