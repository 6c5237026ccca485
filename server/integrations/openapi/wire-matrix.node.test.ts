// The wire matrix: what a document says of a value, the value, and the bytes that must come out of the socket. Where the
// specification has an example, the row is that example: OpenAPI 3.1, 4.8.12 (with the clarifications of 3.2) and
// RFC 6570, 3.2. `GET /…` stands for the request line, `name: …` for a header, and of a body the content type comes
// first, then an empty line, then the bytes (one character each, and `B` for every boundary).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FileValue } from '../../sandbox/file.ts'
import { RawUpstream, type RawRequest } from '../../testing/raw-upstream.ts'
import { readDocument } from '../../testing/read-document.ts'
import { validateInput } from '../../tools/validate.ts'
import { openApi } from './adapter.ts'

const upstream = new RawUpstream()
beforeAll(() => upstream.listen())
afterAll(() => upstream.close())

type Row<Description = object> = [description: Description, value: unknown, bytes: string]

/** Calls the one tool of a document, as an agent does: the input is checked first. */
async function callTool(document: object, input: unknown): Promise<RawRequest | string> {
  const { only, schemas } = await readDocument(document)
  const validation = validateInput(only.inputSchema, Object.fromEntries(schemas), input)
  if (!validation.ok) return `refused: ${validation.error.message}`
  const result = await openApi.call({ ...only, baseUrl: upstream.origin }, input, fetch)
  const [request] = upstream.taken()
  if (!result.ok) return `refused: ${result.error.message}`
  return request ?? 'nothing was sent'
}

/** What of a request a row shows. */
function shown(request: RawRequest | string, bytes: string): string {
  if (typeof request === 'string') return request
  const name = /^([\w-]+): /.exec(bytes)?.[1]
  if (/^(GET|POST|DELETE) \//.test(bytes)) return `${request.method} ${request.target}`
  if (name) return `${name}: ${request.header(name) ?? 'absent'}`
  const type = request.header('content-type') ?? ''
  const boundaries = [...`${type}\n${request.body}`.matchAll(/boundary=([\w-]+)/g)].map(([, boundary = '']) => boundary)
  return boundaries.reduce((text, boundary) => text.replaceAll(boundary, 'B'), `${type}\n\n${request.body}`)
}

/** A document with one GET and these parameters; a path parameter is the last segment. */
function withParameters(where: string, parameters: object[], path = where === 'path' ? '/{color}' : '/'): object {
  return { openapi: '3.2.0', info: {}, paths: { [path]: { get: { parameters } } } }
}

/** A document with one POST and this body. */
function withBody(content: object, rest: object = {}, method = 'post'): object {
  return {
    openapi: '3.2.0',
    info: {},
    paths: { '/': { [method]: { requestBody: { required: true, content } } } },
    ...rest,
  }
}

function table<Description>(
  title: string,
  rows: Row<Description>[],
  documentOf: (description: Description) => object,
  inputOf: (value: unknown) => unknown = (value) => value,
) {
  const named = rows.map(([description, value, bytes]) => ({
    row: `${JSON.stringify(description)} ${value === undefined ? 'undefined' : JSON.stringify(value)} → ${bytes}`,
    description,
    value,
    bytes,
  }))
  test.each(named)(`${title}: $row`, async ({ description, value, bytes }) => {
    const request = await callTool(documentOf(description), inputOf(value))
    expect(shown(request, bytes)).toBe(bytes)
  })
}

/** Rows for a parameter `color` in one place: its style, its value, the bytes. */
function parameterTable(title: string, where: string, rows: Row[]): void {
  const documentOf = (settings: object) =>
    withParameters(where, [{ name: 'color', in: where, required: where === 'path', schema: {}, ...settings }])
  table(`${title}, in ${where}`, rows, documentOf, (color) => (color === undefined ? {} : { color }))
}

const array = ['blue', 'black', 'brown']
const object = { R: 100, G: 200, B: 150 }

// OpenAPI 3.1, 4.8.12.7 "Style Examples"; 3.2 has the rows of style cookie. An absent value is absent.
parameterTable('OpenAPI 4.8.12', 'path', [
  [{ style: 'matrix', explode: false }, '', 'GET /;color'],
  [{ style: 'matrix', explode: false }, 'blue', 'GET /;color=blue'],
  [{ style: 'matrix', explode: false }, array, 'GET /;color=blue,black,brown'],
  [{ style: 'matrix', explode: false }, object, 'GET /;color=R,100,G,200,B,150'],
  [{ style: 'matrix', explode: true }, '', 'GET /;color'],
  [{ style: 'matrix', explode: true }, 'blue', 'GET /;color=blue'],
  [{ style: 'matrix', explode: true }, array, 'GET /;color=blue;color=black;color=brown'],
  [{ style: 'matrix', explode: true }, object, 'GET /;R=100;G=200;B=150'],
  [{ style: 'label', explode: false }, 'blue', 'GET /.blue'],
  [{ style: 'label', explode: false }, array, 'GET /.blue,black,brown'],
  [{ style: 'label', explode: false }, object, 'GET /.R,100,G,200,B,150'],
  [{ style: 'label', explode: true }, 'blue', 'GET /.blue'],
  [{ style: 'label', explode: true }, array, 'GET /.blue.black.brown'],
  [{ style: 'label', explode: true }, object, 'GET /.R=100.G=200.B=150'],
  [{ style: 'simple', explode: false }, 'blue', 'GET /blue'],
  [{ style: 'simple', explode: false }, array, 'GET /blue,black,brown'],
  [{ style: 'simple', explode: false }, object, 'GET /R,100,G,200,B,150'],
  [{ style: 'simple', explode: true }, 'blue', 'GET /blue'],
  [{ style: 'simple', explode: true }, array, 'GET /blue,black,brown'],
  [{ style: 'simple', explode: true }, object, 'GET /R=100,G=200,B=150'],
  [{}, array, 'GET /blue,black,brown'],
])
parameterTable('OpenAPI 4.8.12', 'query', [
  [{ style: 'form', explode: false }, '', 'GET /?color='],
  [{ style: 'form', explode: false }, 'blue', 'GET /?color=blue'],
  [{ style: 'form', explode: false }, array, 'GET /?color=blue,black,brown'],
  [{ style: 'form', explode: false }, object, 'GET /?color=R,100,G,200,B,150'],
  [{ style: 'form', explode: true }, '', 'GET /?color='],
  [{ style: 'form', explode: true }, 'blue', 'GET /?color=blue'],
  [{ style: 'form', explode: true }, array, 'GET /?color=blue&color=black&color=brown'],
  [{ style: 'form', explode: true }, object, 'GET /?R=100&G=200&B=150'],
  [{ style: 'spaceDelimited', explode: false }, array, 'GET /?color=blue%20black%20brown'],
  [{ style: 'spaceDelimited', explode: false }, object, 'GET /?color=R%20100%20G%20200%20B%20150'],
  [{ style: 'pipeDelimited', explode: false }, array, 'GET /?color=blue%7Cblack%7Cbrown'],
  [{ style: 'pipeDelimited', explode: false }, object, 'GET /?color=R%7C100%7CG%7C200%7CB%7C150'],
  [{ style: 'deepObject' }, object, 'GET /?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
  [{ style: 'deepObject', explode: true }, object, 'GET /?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
  [{}, array, 'GET /?color=blue&color=black&color=brown'],
  [{}, undefined, 'GET /'],
])
parameterTable('OpenAPI 4.8.12', 'header', [
  [{ style: 'simple', explode: false }, 'blue', 'color: blue'],
  [{ style: 'simple', explode: false }, array, 'color: blue,black,brown'],
  [{ style: 'simple', explode: false }, object, 'color: R,100,G,200,B,150'],
  [{ style: 'simple', explode: true }, array, 'color: blue,black,brown'],
  [{ style: 'simple', explode: true }, object, 'color: R=100,G=200,B=150'],
  [{}, [12345678, 90099], 'color: 12345678,90099'],
])
parameterTable('OpenAPI 4.8.12', 'cookie', [
  [{ style: 'form' }, '', 'cookie: color='],
  [{ style: 'form' }, 'blue', 'cookie: color=blue'],
  [{ style: 'form', explode: false }, array, 'cookie: color=blue,black,brown'],
  [{ style: 'form', explode: false }, object, 'cookie: color=R,100,G,200,B,150'],
  [{ style: 'cookie' }, '', 'cookie: color='],
  [{ style: 'cookie' }, 'blue', 'cookie: color=blue'],
  [{ style: 'cookie' }, array, 'cookie: color=blue; color=black; color=brown'],
  [{ style: 'cookie' }, object, 'cookie: R=100; G=200; B=150'],
  // Appendix D: for a cookie the "&" of style form is never right.
  [{ style: 'form', explode: true }, array, 'cookie: color=blue; color=black; color=brown'],
  [{ style: 'form', explode: true }, object, 'cookie: R=100; G=200; B=150'],
])

// RFC 6570, 3.2, with the variables of its examples. A path begins with a slash, and a value in it never does.
const list = ['red', 'green', 'blue']
const keys = { semi: ';', dot: '.', comma: ',' }
const expanded = (name: string, rows: Row[], where = 'path') =>
  table(
    `RFC 6570 ${name}, in ${where}`,
    rows,
    (settings) =>
      withParameters(
        where,
        [{ name: 'v', in: where, required: true, schema: {}, ...settings }],
        where === 'path' ? '/X{v}' : '/',
      ),
    (v) => ({ v }),
  )
expanded('3.2.2 simple', [
  [{}, 'value', 'GET /Xvalue'],
  [{}, 'Hello World!', 'GET /XHello%20World%21'],
  [{}, '50%', 'GET /X50%25'],
  [{}, 'me/too', 'GET /Xme%2Ftoo'],
  [{}, list, 'GET /Xred,green,blue'],
  [{ explode: true }, list, 'GET /Xred,green,blue'],
  [{}, keys, 'GET /Xsemi,%3B,dot,.,comma,%2C'],
  [{ explode: true }, keys, 'GET /Xsemi=%3B,dot=.,comma=%2C'],
])
expanded('3.2.3 reserved', [
  [{ allowReserved: true }, 'value', 'GET /Xvalue'],
  [{ allowReserved: true }, 'Hello World!', 'GET /XHello%20World!'],
  [{ allowReserved: true }, '50%', 'GET /X50%25'],
  [{ allowReserved: true }, 'foo/bar', 'GET /Xfoo/bar'],
  [{ allowReserved: true }, 'a%20b', 'GET /Xa%20b'],
  [{ allowReserved: true }, list, 'GET /Xred,green,blue'],
  [{ allowReserved: true }, keys, 'GET /Xsemi,;,dot,.,comma,,'],
  [{ allowReserved: true, explode: true }, keys, 'GET /Xsemi=;,dot=.,comma=,'],
])
expanded('3.2.5 label', [
  [{ style: 'label' }, 'fred', 'GET /X.fred'],
  [{ style: 'label' }, '50%', 'GET /X.50%25'],
  [{ style: 'label' }, list, 'GET /X.red,green,blue'],
  [{ style: 'label', explode: true }, ['example', 'com'], 'GET /X.example.com'],
  [{ style: 'label' }, keys, 'GET /X.semi,%3B,dot,.,comma,%2C'],
  [{ style: 'label', explode: true }, keys, 'GET /X.semi=%3B.dot=..comma=%2C'],
])
expanded('3.2.7 path-style', [
  [{ style: 'matrix' }, 'fred', 'GET /X;v=fred'],
  [{ style: 'matrix' }, '50%', 'GET /X;v=50%25'],
  [{ style: 'matrix' }, '', 'GET /X;v'],
  [{ style: 'matrix' }, list, 'GET /X;v=red,green,blue'],
  [{ style: 'matrix', explode: true }, list, 'GET /X;v=red;v=green;v=blue'],
  [{ style: 'matrix' }, keys, 'GET /X;v=semi,%3B,dot,.,comma,%2C'],
  [{ style: 'matrix', explode: true }, keys, 'GET /X;semi=%3B;dot=.;comma=%2C'],
])
expanded(
  '3.2.8 form',
  [
    [{}, 'fred', 'GET /?v=fred'],
    [{}, '50%', 'GET /?v=50%25'],
    [{}, '', 'GET /?v='],
    [{ explode: false }, list, 'GET /?v=red,green,blue'],
    [{}, list, 'GET /?v=red&v=green&v=blue'],
    [{ explode: false }, keys, 'GET /?v=semi,%3B,dot,.,comma,%2C'],
    [{}, keys, 'GET /?semi=%3B&dot=.&comma=%2C'],
    [{ allowReserved: true }, '/foo/bar', 'GET /?v=/foo/bar'],
    [{ allowReserved: true }, 'http://example.com/home/', 'GET /?v=http://example.com/home/'],
  ],
  'query',
)

// What the specification says in words, and what it leaves open.
parameterTable('values', 'query', [
  [{ schema: { type: ['string', 'null'] } }, null, 'GET /'],
  [{ allowEmptyValue: true, schema: { type: ['string', 'null'] } }, null, 'GET /?color='],
  [{ allowEmptyValue: true, schema: { type: 'integer' } }, '', 'GET /?color='],
  [{ allowEmptyValue: true, schema: { type: 'array' } }, [], 'GET /?color='],
  [{ schema: { type: 'integer' } }, '', 'refused: color: expected integer, got string ""'],
  [{}, [], 'GET /'],
  [{}, {}, 'GET /'],
  [{ explode: false }, [], 'GET /'],
  [{}, [null, 'a'], 'GET /?color=a'],
  [{}, true, 'GET /?color=true'],
  [{}, false, 'GET /?color=false'],
  [{}, 0, 'GET /?color=0'],
  [{}, -1.5, 'GET /?color=-1.5'],
  [{}, 9007199254740991, 'GET /?color=9007199254740991'],
  [{ schema: { type: 'integer' } }, '12345678901234567890', 'GET /?color=12345678901234567890'],
  [{}, 1e21, 'GET /?color=1000000000000000000000'],
  [{}, 1e-7, 'GET /?color=1e-7'],
  [{}, 'a&b=c+d e/ü~', 'GET /?color=a%26b%3Dc%2Bd%20e%2F%C3%BC~'],
  [{}, '\ud800', 'GET /?color=%EF%BF%BD'],
  [{}, ['a,b', 'c'], 'GET /?color=a%2Cb&color=c'],
  [{ explode: false }, ['a,b', 'c'], 'GET /?color=a%2Cb,c'],
  [{}, [[1, 2], [3]], 'GET /?color=1%2C2&color=3'],
  [{}, { a: { b: 1 } }, 'GET /?a=%7B%22b%22%3A1%7D'],
  [{ style: 'deepObject' }, { a: { b: { c: 1 } } }, 'GET /?color%5Ba%5D%5Bb%5D%5Bc%5D=1'],
  [{ style: 'deepObject' }, { a: ['x', 'y'] }, 'GET /?color%5Ba%5D%5B0%5D=x&color%5Ba%5D%5B1%5D=y'],
  [{ style: 'deepObject' }, { a: null, b: '' }, 'GET /?color%5Bb%5D='],
  [{ style: 'deepObject' }, { 'a]&b': '1' }, 'GET /?color%5Ba%5D%26b%5D=1'],
  [{ style: 'deepObject' }, 'blue', 'GET /?color=blue'],
  [{ style: 'spaceDelimited' }, 'a b', 'GET /?color=a%20b'],
  [{ style: 'pipeDelimited', explode: true }, array, 'GET /?color=blue&color=black&color=brown'],
  [{ allowReserved: true }, 'a:/b?c@d&e#f%20g+[h]', 'GET /?color=a:/b?c@d%26e%23f%20g%2B%5Bh%5D'],
  [{ allowReserved: true, explode: false }, ['a/b', 'c'], 'GET /?color=a/b,c'],
  [{ style: 'simple', schema: { type: 'array' } }, ['a', 'b'], 'GET /?color=a,b'],
])
parameterTable('names', 'query', [
  [{ name: 'filter[a]', schema: { default: 1 }, required: true }, undefined, 'GET /?filter%5Ba%5D=1'],
  [{ name: 'ids[]', schema: { default: [1, 2] }, required: true }, undefined, 'GET /?ids%5B%5D=1&ids%5B%5D=2'],
  [{ name: 'a.b', schema: { default: 1 }, required: true }, undefined, 'GET /?a.b=1'],
  [{ name: 'a b', schema: { default: 1 }, required: true }, undefined, 'GET /?a%20b=1'],
  [{ name: '❤️', schema: { default: 'love!' }, required: true }, undefined, 'GET /?%E2%9D%A4%EF%B8%8F=love%21'],
  [{ name: 'class', schema: { default: 1 }, required: true }, undefined, 'GET /?class=1'],
  [{ name: '__proto__', schema: { default: 1 }, required: true }, undefined, 'GET /?__proto__=1'],
  [{ name: '$filter', schema: { const: 'x' }, required: true }, undefined, 'GET /?%24filter=x'],
  [{ name: 'constructor', schema: { enum: ['only'] }, required: true }, undefined, 'GET /?constructor=only'],
  [{ name: 'a&b=c', schema: { default: 1 }, required: true }, undefined, 'GET /?a%26b%3Dc=1'],
])
parameterTable('values', 'path', [
  [{}, 'diṅnāga', 'GET /di%E1%B9%85n%C4%81ga'],
  [{}, 'الخوارزميّ', 'GET /%D8%A7%D9%84%D8%AE%D9%88%D8%A7%D8%B1%D8%B2%D9%85%D9%8A%D9%91'],
  [{}, "a b+c&d?e#f%g'(ü)", 'GET /a%20b%2Bc%26d%3Fe%23f%25g%27%28%C3%BC%29'],
  [{}, 'docs/read me.md', 'GET /docs%2Fread%20me.md'],
  [{}, 'https://example.com/a', 'GET /https%3A%2F%2Fexample.com%2Fa'],
  [{}, true, 'GET /true'],
  [{ schema: { type: 'object', properties: { major: { readOnly: true } } } }, '1.0', 'GET /1.0'],
  [{}, 1e21, 'GET /1000000000000000000000'],
  [{}, '...', 'GET /...'],
  [{}, 'Wait…', 'GET /Wait%E2%80%A6'],
  [{ style: 'label' }, 'a/b', 'GET /.a%2Fb'],
  [{ style: 'form' }, ['a', 'b'], 'GET /a,b'],
  [{ schema: undefined, content: { 'application/json': {} } }, { a: ['b'] }, 'GET /%7B%22a%22%3A%5B%22b%22%5D%7D'],
  [{ schema: undefined, content: { 'application/json': { schema: { type: 'string' } } } }, 'user-1', 'GET /user-1'],
  [{ schema: undefined, content: { '*/*': { schema: { type: 'string' } } } }, 'user-1', 'GET /user-1'],
])
parameterTable('values', 'header', [
  [{}, 'a b', 'color: a b'],
  [{}, 'W/"etag"', 'color: W/"etag"'],
  [{}, 'a%20b', 'color: a%20b'],
  [{}, 'ü', 'color: \u00fc'],
  [{}, '', 'color: '],
  [{}, [], 'color: absent'],
  [{}, ['a', null, 'b'], 'color: a,b'],
  [{ schema: { type: ['string', 'null'] } }, null, 'color: absent'],
  [{ content: { 'application/json': {} } }, { path: '/ä' }, String.raw`color: {"path":"/\u00e4"}`],
  [{ content: { 'text/plain': {} } }, 'a', 'color: a'],
])
parameterTable('values', 'cookie', [
  [{}, 'Hello, world!', 'cookie: color=Hello%2C%20world%21'],
  [{}, 'a;b"c\\', 'cookie: color=a%3Bb%22c%5C'],
  [{ allowReserved: true }, 'a;b,c/d', 'cookie: color=a%3Bb%2Cc/d'],
  [{ style: 'cookie' }, 'Hello%2C%20world!', 'cookie: color=Hello%2C%20world!'],
  [{ content: { 'application/json': {} } }, { a: 1 }, 'cookie: color=%7B%22a%22%3A1%7D'],
])
parameterTable('content', 'query', [
  [
    { schema: undefined, content: { 'application/json': {} } },
    { lat: 40.6, long: -73.9 },
    'GET /?color=%7B%22lat%22%3A40.6%2C%22long%22%3A-73.9%7D',
  ],
  [{ content: { 'application/json': {} } }, [1, 'a'], 'GET /?color=%5B1%2C%22a%22%5D'],
  [{ content: { 'application/json': {} } }, 'text', 'GET /?color=text'],
  [{ content: { 'text/plain': {} } }, 'a b', 'GET /?color=a%20b'],
  [{ content: { 'application/xml': {} } }, '<a/>', 'GET /?color=%3Ca%2F%3E'],
  [{ content: { 'application/x-www-form-urlencoded': {} } }, { a: 'b c' }, 'GET /?color=a%3Db%2Bc'],
])
parameterTable('OpenAPI 3.2 querystring', 'querystring', [
  [{ content: { 'application/x-www-form-urlencoded': {} } }, { foo: 'a + b', bar: true }, 'GET /?foo=a+%2B+b&bar=true'],
  [
    { content: { 'application/json': {} } },
    { numbers: [1, 2], flag: null },
    'GET /?%7B%22numbers%22%3A%5B1%2C2%5D%2C%22flag%22%3Anull%7D',
  ],
  [{ content: { 'application/jsonpath': {} } }, '$.a.b[1:1]', 'GET /?%24.a.b%5B1%3A1%5D'],
  [
    { content: { 'application/x-www-form-urlencoded': { encoding: { foo: { style: 'pipeDelimited' } } } } },
    { foo: ['a', 'b'] },
    'GET /?foo=a%7Cb',
  ],
])

// Several parameters at once, and paths as frameworks write them.
table(
  'several parameters',
  [
    // OpenAPI 3.2, Appendix C, "RFC6570-Equivalent Expansion", "Non-RFC6570-Supported Options", "Undefined Values".
    [
      { formulas: {}, words: { explode: false } },
      { formulas: { a: 'x+y', b: 'x/y', c: 'x^y' }, words: ['math', 'is', 'fun'] },
      'GET /?a=x%2By&b=x%2Fy&c=x%5Ey&words=math,is,fun',
    ],
    [
      { formulas: { allowReserved: true }, words: { style: 'spaceDelimited', explode: false } },
      { formulas: { a: 'x%2By', b: 'x/y', c: 'x^y' }, words: ['math', 'is', 'fun'] },
      'GET /?a=x%2By&b=x/y&c=x%5Ey&words=math%20is%20fun',
    ],
    [
      { formulas: {}, words: { explode: false } },
      { formulas: {}, words: ['hello', 'world'] },
      'GET /?words=hello,world',
    ],
    [{ thing: {} }, { thing: ['one thing', 'another thing'] }, 'GET /?thing=one%20thing&thing=another%20thing'],
    [{ freeForm: {} }, { freeForm: { page: 4, pageSize: 50 } }, 'GET /?page=4&pageSize=50'],
  ],
  (settings: Record<string, object>) =>
    withParameters(
      'query',
      Object.entries(settings).map(([name, more]) => ({ name, in: 'query', schema: {}, ...more })),
    ),
)
const sameName = ['path', 'query', 'header', 'cookie'].map((where) => ({ name: 'id', in: where, schema: {} }))
table(
  'the same name in four places',
  [
    ['/{id}', { id: 'p', id_query: 'q', id_header: 'h', id_cookie: 'c' }, 'GET /p?id=q'],
    ['/{id}', { id: 'p', id_query: 'q', id_header: 'h', id_cookie: 'c' }, 'id: h'],
    ['/{id}', { id: 'p', id_query: 'q', id_header: 'h', id_cookie: 'c' }, 'cookie: id=c'],
  ],
  (path) => withParameters('path', sameName, path),
)
const oneInPath = [{ name: 'id', in: 'path', required: true, schema: {} }]
table(
  'templates',
  [
    ['/a/{id}.json', { id: 'x' }, 'GET /a/x.json'],
    ['/a/{id}:cancel', { id: 'x' }, 'GET /a/x:cancel'],
    ["/a/range(address='{id}')", { id: "o'x" }, "GET /a/range(address='o%27x')"],
    ['/a/{id}/b/{id}', { id: 'x' }, 'GET /a/x/b/x'],
    ['/{+id}', { id: 'a/b' }, 'GET /a/b'],
    ['/{id+}', { id: 'a/b' }, 'GET /a/b'],
    ['/{*id}', { id: 'a/b' }, 'GET /a/b'],
    ['/{id:[0-9]{2}}', { id: '42' }, 'GET /42'],
    ['/a?id={id}&x=1', { id: 'b&c' }, 'GET /a?id=b%26c&x=1'],
    ['/a#Action={id}', {}, 'GET /a'],
    ['/ä b/{id}', { id: 'x' }, 'GET /%C3%A4%20b/x'],
    ['//evil.test/{id}', { id: 'x' }, 'GET /evil.test/x'],
  ],
  (path) => withParameters('path', oneInPath, path),
)

// Swagger 2.0, "Parameter Object": collectionFormat. A form field is written like a parameter of the query.
const collections = (where: string, rows: Row[]) =>
  table(
    `Swagger 2.0 collectionFormat, in ${where}`,
    rows,
    (settings) => {
      const parameter = {
        name: 'color',
        in: where,
        required: true,
        type: 'array',
        items: { type: 'string' },
        ...settings,
      }
      const path = where === 'path' ? '/{color}' : '/'
      return {
        swagger: '2.0',
        info: {},
        paths: { [path]: { [where === 'formData' ? 'post' : 'get']: { parameters: [parameter] } } },
      }
    },
    (color) => ({ color }),
  )
collections('query', [
  [{}, array, 'GET /?color=blue,black,brown'],
  [{ collectionFormat: 'csv' }, array, 'GET /?color=blue,black,brown'],
  [{ collectionFormat: 'ssv' }, array, 'GET /?color=blue%20black%20brown'],
  [{ collectionFormat: 'tsv' }, array, 'GET /?color=blue%09black%09brown'],
  [{ collectionFormat: 'pipes' }, array, 'GET /?color=blue%7Cblack%7Cbrown'],
  [{ collectionFormat: 'multi' }, array, 'GET /?color=blue&color=black&color=brown'],
  [
    { items: { type: 'array', items: { type: 'string' }, collectionFormat: 'pipes' } },
    [['a', 'b'], ['c']],
    'GET /?color=a%7Cb,c',
  ],
])
collections('path', [
  [{}, array, 'GET /blue,black,brown'],
  [{ collectionFormat: 'ssv' }, array, 'GET /blue%20black%20brown'],
  [{ collectionFormat: 'tsv' }, array, 'GET /blue%09black%09brown'],
  [{ collectionFormat: 'pipes' }, array, 'GET /blue%7Cblack%7Cbrown'],
])
collections('header', [
  [{}, array, 'color: blue,black,brown'],
  [{ collectionFormat: 'ssv' }, array, 'color: blue black brown'],
  [{ collectionFormat: 'tsv' }, array, 'color: blue\tblack\tbrown'],
  [{ collectionFormat: 'pipes' }, array, 'color: blue|black|brown'],
])
const form = 'application/x-www-form-urlencoded'
collections('formData', [
  [{}, array, `${form}\n\ncolor=blue,black,brown`],
  [{ collectionFormat: 'ssv' }, array, `${form}\n\ncolor=blue%20black%20brown`],
  [{ collectionFormat: 'tsv' }, array, `${form}\n\ncolor=blue%09black%09brown`],
  [{ collectionFormat: 'pipes' }, array, `${form}\n\ncolor=blue%7Cblack%7Cbrown`],
  [{ collectionFormat: 'multi' }, array, `${form}\n\ncolor=blue&color=black&color=brown`],
  [{ type: 'string', items: undefined }, 'a b&c', `${form}\n\ncolor=a+b%26c`],
])

// Bodies under one media type: `content` of the document, the input, the content type and the bytes.
const png = new FileValue('a.png', 'image/png', new Uint8Array([137, 80]))
const gif = new FileValue('b.gif', 'image/gif', new Uint8Array([71]))
const properties = (names: string) => ({
  schema: { type: 'object', properties: Object.fromEntries(names.split(' ').map((name) => [name, {}])) },
})
const bodies = (title: string, rows: Row[]) => table(title, rows, (content) => withBody(content))
bodies('body', [
  [{ 'application/json': properties('a') }, { a: 'ü' }, 'application/json\n\n{"a":"\u00c3\u00bc"}'],
  [{ 'application/json': properties('a') }, {}, 'application/json\n\n{}'],
  [{ 'application/json': { schema: { type: 'array' } } }, { body: [1, null] }, 'application/json\n\n[1,null]'],
  [{ 'application/json': { schema: { type: 'string' } } }, { body: 'a' }, 'application/json\n\n"a"'],
  [{ 'application/json': {} }, { body: null }, 'application/json\n\nnull'],
  [{ 'application/json; charset=utf-8': properties('a') }, { a: 1 }, 'application/json; charset=utf-8\n\n{"a":1}'],
  [{ 'application/json': properties('a') }, { a: png }, 'application/json\n\n{"a":"iVA="}'],
  [
    {
      'application/json': {
        schema: { type: 'object', properties: { a: { type: 'string', contentEncoding: 'base64url' } } },
      },
    },
    { a: new FileValue('', '', new Uint8Array([251, 255])) },
    'application/json\n\n{"a":"-_8="}',
  ],
  [{ 'application/merge-patch+json': properties('a') }, { a: null }, 'application/merge-patch+json\n\n{"a":null}'],
  [
    { 'application/json-patch+json': { schema: { type: 'object' } } },
    { body: [{ op: 'remove', path: '/a' }] },
    'application/json-patch+json\n\n[{"op":"remove","path":"/a"}]',
  ],
  [{ 'application/vnd.api+json': properties('data') }, { data: {} }, 'application/vnd.api+json\n\n{"data":{}}'],
  [{ json: properties('a') }, { a: 1 }, 'application/json\n\n{"a":1}'],
  [{ '*/*': properties('a') }, { a: 1 }, 'application/json\n\n{"a":1}'],
  [{ 'application/x-ndjson': {} }, { body: [{ a: 1 }, 'b'] }, 'application/x-ndjson\n\n{"a":1}\n"b"\n'],
  [{ 'application/jsonl': { itemSchema: { type: 'integer' } } }, { body: [1, 2] }, 'application/jsonl\n\n1\n2\n'],
  [
    { 'application/jsonl': { itemSchema: { type: 'integer' } } },
    { body: ['1'] },
    'refused: body[0]: expected integer, got string "1"',
  ],
  [{ 'application/x-ndjson': {} }, { body: '{"a":1}\n' }, 'application/x-ndjson\n\n{"a":1}\n'],
  [{ 'application/json-seq': {} }, { body: [1, {}] }, 'application/json-seq\n\n\u001e1\n\u001e{}\n'],
  [{ 'text/plain': {} }, { body: 'ü' }, 'text/plain\n\n\u00c3\u00bc'],
  [{ 'text/plain; charset=iso-8859-1': {} }, { body: 'ü' }, 'text/plain; charset=utf-8\n\n\u00c3\u00bc'],
  [{ 'text/csv': {} }, { body: 'a,b\r\n' }, 'text/csv\n\na,b\r\n'],
  [{ 'application/xml': properties('a') }, { body: '<a/>' }, 'application/xml\n\n<a/>'],
  [{ 'application/soap+xml': {} }, { body: '<a/>' }, 'application/soap+xml\n\n<a/>'],
  [{ 'application/x-yaml': properties('a') }, { body: { a: 1 } }, 'application/x-yaml\n\n{"a":1}'],
  [{ 'application/yaml': properties('a') }, { body: 'a: 1' }, 'application/yaml\n\na: 1'],
  [{ 'image/png': {} }, { body: png }, 'image/png\n\n\u0089P'],
  [{ 'application/octet-stream': {} }, { body: png }, 'application/octet-stream\n\n\u0089P'],
  [{ 'application/pdf': {} }, { body: 'text' }, 'application/pdf\n\ntext'],
  [{ 'image/png': { schema: { type: 'string', contentEncoding: 'base64' } } }, { body: png }, 'image/png\n\niVA='],
  [{ 'image/*': {} }, { body: png }, 'image/png\n\n\u0089P'],
  [{ 'image/*': {} }, { body: png, contentType: 'image/x-other' }, 'image/x-other\n\n\u0089P'],
  [{ 'image/*': {} }, { body: 'x' }, 'refused: Say in "contentType" which of image/* the body is.'],
  [
    { 'image/*': {} },
    { body: 'x', contentType: 'text/html' },
    'refused: contentType: must match /^(?:image/[\\w.+-]+)$/, got string "text/html"',
  ],
  [{ '*/*': {} }, { body: png }, 'image/png\n\n\u0089P'],
  [{ '*/*': {} }, { body: 'a' }, 'text/plain; charset=utf-8\n\na'],
  [{ '*/*': {} }, { body: [1] }, 'application/json\n\n[1]'],
  [{ '*/*': {} }, { body: 'a', contentType: 'text/markdown' }, 'text/markdown\n\na'],
])
const address = { streetAddress: '123 Example Dr.', city: 'Somewhere', state: 'CA', zip: '99999+1234' }
const id = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'
const formWith = (encoding: object) => ({ [form]: { ...properties('a b'), encoding } })
bodies('form', [
  // OpenAPI 3.2, "URL Encoded Form with JSON Values" and "URL Encoded Form with Binary Values".
  [
    { [form]: properties('id address') },
    { id, address },
    `${form}\n\nid=${id}&address=%7B%22streetAddress%22%3A%22123+Example+Dr.%22%2C%22city%22%3A%22Somewhere%22%2C%22state%22%3A%22CA%22%2C%22zip%22%3A%2299999%2B1234%22%7D`,
  ],
  [
    { [form]: { ...properties('id'), encoding: { id: { contentType: 'application/json' } } } },
    { id },
    `${form}\n\nid=%22${id}%22`,
  ],
  [
    { [form]: { schema: { type: 'object', properties: { icon: { type: 'string', contentEncoding: 'base64url' } } } } },
    { icon: new FileValue('', 'image/png', new Uint8Array([251, 239, 1, 2])) },
    `${form}\n\nicon=--8BAg%3D%3D`,
  ],
  [{ [form]: properties('a b') }, { a: "x y&z~*'", b: null }, `${form}\n\na=x+y%26z%7E*%27`],
  [{ [form]: properties('a b') }, { a: [1, { c: 2 }], b: '' }, `${form}\n\na=1&a=%7B%22c%22%3A2%7D&b=`],
  [{ [form]: properties('a b') }, { a: true, b: 1e21 }, `${form}\n\na=true&b=1000000000000000000000`],
  [{ [form]: properties('a b') }, {}, `${form}\n\n`],
  [{ [form]: { schema: { type: 'array' } } }, { body: ['x', { a: 1 }] }, `${form}\n\n0=x&1=%7B%22a%22%3A1%7D`],
  [formWith({ a: { style: 'deepObject' } }), { a: { k: 1, l: ['x'] } }, `${form}\n\na%5Bk%5D=1&a%5Bl%5D%5B0%5D=x`],
  [formWith({ a: { style: 'form', explode: false } }), { a: ['x', 'y z'] }, `${form}\n\na=x,y%20z`],
  [formWith({ a: { explode: true } }), { a: { k: 1 } }, `${form}\n\nk=1`],
  [formWith({ a: { style: 'pipeDelimited' } }), { a: ['x', 'y'] }, `${form}\n\na=x%7Cy`],
  [formWith({ a: { style: 'spaceDelimited' } }), { a: ['x', 'y'] }, `${form}\n\na=x%20y`],
  [formWith({ a: { allowReserved: true } }), { a: 'x/y&z' }, `${form}\n\na=x/y%26z`],
])
const part = (name: string, content: string, ...headers: string[]) =>
  ['--B', `Content-Disposition: form-data; name="${name}"`, ...headers, '', content, ''].join('\r\n')
const typed = (type: string) => `Content-Type: ${type}`
const multipart = 'multipart/form-data'
const multipartWith = (encoding: object) => ({ [multipart]: { ...properties('a b'), encoding } })
const parts = (...all: string[]) => `${multipart}; boundary=B\n\n${all.join('')}--B--\r\n`
bodies('multipart/form-data', [
  [{ [multipart]: properties('a b') }, { a: 'x', b: 1 }, parts(part('a', 'x'), part('b', '1'))],
  [{ [multipart]: properties('a b') }, { a: { k: 1 } }, parts(part('a', '{"k":1}', typed('application/json')))],
  [{ [multipart]: properties('a b') }, { a: ['x', 'y'], b: null }, parts(part('a', 'x'), part('a', 'y'))],
  [
    { [multipart]: properties('a b') },
    { a: [{ k: 1 }, [2]] },
    parts(part('a', '{"k":1}', typed('application/json')), part('a', '[2]', typed('application/json'))),
  ],
  [{ [multipart]: properties('a b') }, { a: png }, parts(part('a"; filename="a.png', '\u0089P', typed('image/png')))],
  [
    { [multipart]: properties('a b') },
    { a: [png, gif] },
    parts(
      part('a"; filename="a.png', '\u0089P', typed('image/png')),
      part('a"; filename="b.gif', 'G', typed('image/gif')),
    ),
  ],
  [
    { [multipart]: properties('a b') },
    { a: new FileValue('x"\r\nY: z', 'a\r\nb', new Uint8Array([65])) },
    parts(part('a"; filename="x%22%0D%0AY: z', 'A', typed('application/octet-stream'))),
  ],
  [{ [multipart]: properties('ü"') }, { 'ü"': 'x' }, parts(part('\u00c3\u00bc%22', 'x'))],
  [{ [multipart]: properties('a b') }, {}, parts()],
  [{ [multipart]: {} }, { body: { c: 'x' } }, parts(part('c', 'x'))],
  [
    { [multipart]: { schema: { type: 'string', format: 'binary' } } },
    { body: png },
    parts(part('file"; filename="a.png', '\u0089P', typed('image/png'))),
  ],
  [
    multipartWith({ a: { contentType: 'application/xml; charset=utf-8' } }),
    { a: ['<x/>', '<y/>'] },
    parts(
      part('a', '<x/>', typed('application/xml; charset=utf-8')),
      part('a', '<y/>', typed('application/xml; charset=utf-8')),
    ),
  ],
  [
    multipartWith({ a: { contentType: 'image/jpeg, image/png' } }),
    { a: png },
    parts(part('a"; filename="a.png', '\u0089P', typed('image/png'))),
  ],
  [
    multipartWith({ a: { contentType: 'image/jpeg' } }),
    { a: png },
    parts(part('a"; filename="a.png', '\u0089P', typed('image/jpeg'))),
  ],
  [
    multipartWith({ a: { contentType: 'image/*' } }),
    { a: png },
    parts(part('a"; filename="a.png', '\u0089P', typed('image/png'))),
  ],
  [
    multipartWith({ a: { contentType: 'application/json' } }),
    { a: [1, 2] },
    parts(part('a', '[1,2]', typed('application/json'))),
  ],
  [
    multipartWith({ a: { contentType: 'application/json' } }),
    { a: 'x' },
    parts(part('a', '"x"', typed('application/json'))),
  ],
  [multipartWith({ a: { style: 'deepObject' } }), { a: { 'k l': 'x/y' } }, parts(part('a[k l]', 'x/y'))],
  [multipartWith({ a: { style: 'pipeDelimited' } }), { a: ['x', 'y'] }, parts(part('a', 'x|y'))],
  [
    multipartWith({ a: { style: 'form' } }),
    { a: [png] },
    parts(part('a"; filename="a.png', '\u0089P', typed('image/png'))),
  ],
  [
    multipartWith({
      a: { headers: { 'X-Limit': { schema: { type: 'integer' } }, 'X-Kind': { schema: { const: 'k' } } } },
    }),
    { a: 'x', partHeaders: { a: { 'X-Limit': 3 } } },
    parts(part('a', 'x', 'X-Kind: k', 'X-Limit: 3')),
  ],
  [
    { [multipart]: { schema: { type: 'object', properties: { a: { type: 'string', contentEncoding: 'base64' } } } } },
    { a: png },
    parts(part('a"; filename="a.png', 'iVA=', typed('image/png'), 'Content-Transfer-Encoding: base64')),
  ],
  [
    { [multipart]: { schema: { type: 'array' } } },
    { body: [{ b: 'second' }, { a: 'first' }] },
    parts(part('b', 'second'), part('a', 'first')),
  ],
])
const ordered = (type: string, ...all: string[]) =>
  `${type}\n\n${all.map((one) => `--B\r\n${one}\r\n`).join('')}--B--\r\n`
const file = 'Content-Disposition: attachment; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\u0089P'
bodies('multipart with an order', [
  // OpenAPI 3.2, "Ordered, Unnamed Multipart", "Streaming Multipart", "Multipart With Required Header", "Nested".
  [
    { 'multipart/mixed': { schema: { type: 'array' }, prefixEncoding: [{}, { contentType: 'image/*' }] } },
    { body: [{ author: 'a' }, png] },
    ordered('multipart/mixed; boundary=B', 'Content-Type: application/json\r\n\r\n{"author":"a"}', file),
  ],
  [
    { 'multipart/mixed': { itemSchema: {}, itemEncoding: { contentType: 'image/jpg' } } },
    { body: [new Uint8Array([1]), new Uint8Array([2])] },
    ordered(
      'multipart/mixed; boundary=B',
      'Content-Type: image/jpg\r\n\r\n\u0001',
      'Content-Type: image/jpg\r\n\r\n\u0002',
    ),
  ],
  [
    {
      'multipart/related; type=text/html': {
        schema: { type: 'array' },
        prefixEncoding: [
          { contentType: 'text/html', headers: { 'Content-Location': { required: true, schema: { type: 'string' } } } },
        ],
        itemEncoding: { contentType: 'text/css,text/javascript,image/*' },
      },
    },
    { body: ['<p>', png], partHeaders: [{ 'Content-Location': 'https://a.test/' }] },
    ordered(
      'multipart/related; type=text/html; boundary=B',
      'Content-Type: text/html\r\nContent-Location: https://a.test/\r\n\r\n<p>',
      file,
    ),
  ],
  [
    {
      'multipart/mixed': {
        schema: { type: 'array' },
        prefixEncoding: [
          {},
          {
            contentType: 'multipart/mixed',
            prefixEncoding: [{ contentType: 'application/xml' }, {}, { contentType: 'image/png' }],
          },
        ],
      },
    },
    { body: [[1], ['<a/>', 'text', png]] },
    ordered(
      'multipart/mixed; boundary=B',
      'Content-Type: application/json\r\n\r\n[1]',
      `Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: application/xml\r\n\r\n<a/>\r\n--B\r\n\r\ntext\r\n--B\r\n${file}\r\n--B--\r\n`,
    ),
  ],
  [
    { 'multipart/related': properties('metadata media') },
    { metadata: { name: 'n' }, media: png },
    `multipart/related; type="application/json"; boundary=B\n\n${part('metadata', '{"name":"n"}', typed('application/json'))}${part('media"; filename="a.png', '\u0089P', typed('image/png'))}--B--\r\n`,
  ],
  [
    { 'multipart/mixed': { schema: { type: 'array' } } },
    { body: ['a', 1] },
    ordered('multipart/mixed; boundary=B', '\r\na', '\r\n1'),
  ],
])

// Several media types: the caller chooses, or what is given does.
const pet = properties('name photo')
const petOr = (...others: string[]) => Object.fromEntries(['application/json', ...others].map((type) => [type, pet]))
bodies('a choice of media types', [
  [petOr('application/vnd.pet+json'), { name: 'n' }, 'application/json\n\n{"name":"n"}'],
  [
    petOr('application/vnd.pet+json'),
    { name: 'n', contentType: 'application/vnd.pet+json' },
    'application/vnd.pet+json\n\n{"name":"n"}',
  ],
  [petOr(form), { name: 'n m', contentType: form }, `${form}\n\nname=n+m`],
  [petOr(form, multipart), { name: 'n', contentType: multipart }, parts(part('name', 'n'))],
  [petOr(multipart), { photo: png }, parts(part('photo"; filename="a.png', '\u0089P', typed('image/png')))],
  [petOr(multipart), { photo: png, contentType: 'application/json' }, 'application/json\n\n{"photo":"iVA="}'],
  [petOr('application/xml'), { name: 'n' }, 'application/json\n\n{"name":"n"}'],
  [petOr('application/xml'), { body: '<pet/>' }, 'application/xml\n\n<pet/>'],
  [petOr('application/xml', 'text/xml'), { body: '<pet/>', contentType: 'text/xml' }, 'text/xml\n\n<pet/>'],
  [
    petOr('application/xml'),
    { body: '<pet/>', contentType: 'application/json' },
    'refused: As application/json the body is in its own fields, instead of "body".',
  ],
  [
    petOr('application/xml'),
    { name: 'n', contentType: 'application/xml' },
    'refused: As application/xml the whole body is in "body", instead of "name".',
  ],
  [
    petOr('application/xml'),
    { name: 'n', body: '<pet/>' },
    'refused: field "name" is not allowed here (because of "body")',
  ],
  [
    petOr('application/xml'),
    { name: 'n', contentType: 'text/html' },
    'refused: contentType: expected one of string "application/json", string "application/xml", got string "text/html"',
  ],
  [
    { 'application/json': properties('url'), [multipart]: properties('media') },
    { url: 'u' },
    'application/json\n\n{"url":"u"}',
  ],
  [
    { 'application/json': properties('url'), [multipart]: properties('media') },
    { body: { media: 'm' } },
    parts(part('media', 'm')),
  ],
  [{ 'text/plain': {}, 'application/pdf': {} }, { body: 'a' }, 'text/plain\n\na'],
  [
    { 'text/plain': {}, 'application/pdf': {} },
    { body: png, contentType: 'application/pdf' },
    'application/pdf\n\n\u0089P',
  ],
  [{ 'application/json': { schema: { type: 'array' } }, 'text/plain': {} }, { body: [1] }, 'application/json\n\n[1]'],
  [{ 'application/json': { schema: { type: 'array' } }, 'text/plain': {} }, { body: 'a' }, 'text/plain\n\na'],
  [
    { 'application/json': properties('contentType'), [form]: properties('contentType') },
    { contentType: 'x', contentType2: form },
    `${form}\n\ncontentType=x`,
  ],
  [
    {
      'application/json-patch+json': { schema: { type: 'object' } },
      'application/merge-patch+json': { schema: { type: 'object' } },
      'application/apply-patch+yaml': { schema: { type: 'object' } },
    },
    { body: { a: 1 } },
    'application/merge-patch+json\n\n{"a":1}',
  ],
  [
    {
      'application/json-patch+json': { schema: { type: 'object' } },
      'application/merge-patch+json': { schema: { type: 'object' } },
    },
    { body: [{ op: 'test' }] },
    'application/json-patch+json\n\n[{"op":"test"}]',
  ],
])

// The rest of a request: references to media types, bodies of methods that have none, and Swagger's.
const mediaTypes = { components: { mediaTypes: { M: { itemSchema: { type: 'integer' } } } } }
table(
  'documents',
  [
    [
      withBody({ 'application/jsonl': { $ref: '#/components/mediaTypes/M' } }, mediaTypes),
      { body: [1] },
      'application/jsonl\n\n1\n',
    ],
    [withBody({ 'application/json': properties('a') }, {}, 'delete'), { a: 1 }, 'DELETE /'],
    [withBody({ 'application/json': properties('a') }, {}, 'delete'), { a: 1 }, 'application/json\n\n{"a":1}'],
    [withBody({ 'application/json': properties('a') }, {}, 'query'), { a: 1 }, 'application/json\n\n{"a":1}'],
    [withBody({ 'application/json': properties('a') }, {}, 'get'), {}, '\n\n'],
    [
      {
        swagger: '2.0',
        info: {},
        consumes: ['application/xml', 'application/json'],
        paths: { '/': { post: { parameters: [{ in: 'body', name: 'b', schema: properties('a').schema }] } } },
      },
      { a: 1 },
      'application/json\n\n{"a":1}',
    ],
    [
      {
        swagger: '2.0',
        info: {},
        consumes: ['application/xml', 'application/json'],
        paths: { '/': { post: { parameters: [{ in: 'body', name: 'b', schema: properties('a').schema }] } } },
      },
      { body: '<a/>' },
      'application/xml\n\n<a/>',
    ],
    [
      {
        swagger: '2.0',
        info: {},
        paths: {
          '/': {
            post: {
              parameters: [
                { in: 'formData', name: 'f', type: 'file' },
                { in: 'formData', name: 'n', type: 'integer' },
              ],
            },
          },
        },
      },
      { f: png, n: 2 },
      parts(part('f"; filename="a.png', '\u0089P', typed('image/png')), part('n', '2')),
    ],
    [
      {
        swagger: '2.0',
        info: {},
        paths: { '/': { get: { parameters: [{ in: 'query', name: 'q', type: 'boolean', allowEmptyValue: true }] } } },
      },
      { q: '' },
      'GET /?q=',
    ],
  ],
  (document) => document,
)
