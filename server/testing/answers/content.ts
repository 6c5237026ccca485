// Contents and their types, rightly and wrongly named.
import { file, invalid, matching, ok } from './expected.ts'
import type { AnswerCase } from './table.ts'
import { whole } from './wire.ts'

/** Content of a type, and what it is read as. */
function typed(type: string, body: string | Uint8Array, expected: object, more: Partial<AnswerCase> = {}): AnswerCase {
  const bytes = Buffer.from(body)
  const shown = bytes.length > 60 ? `${bytes.length} bytes` : JSON.stringify(bytes.toString('latin1'))
  const asked = more.accept === undefined ? '' : `, where ${more.accept} was asked for`
  const name = `${type || 'no type'}: ${shown}${asked}`
  return { name, answer: whole(200, type ? { 'content-type': type } : {}, bytes), expected, ...more }
}

function latin(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

function utf16(text: string, order: 'little' | 'big'): Buffer {
  const bytes = Buffer.from(text, 'utf16le')
  return order === 'big' ? bytes.swap16() : bytes
}

function multipart(...parts: string[]): string {
  return `${parts.map((part) => `--=_B\r\n${part}\r\n`).join('')}--=_B--\r\n`
}

const PNG = latin('\x89PNG\r\n\x1a\n\0')
const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
const NUMBERS =
  '{"id":12345678901234567890,"n":-9007199254740993,"s":"12345678901234567890","f":0.1234567890123456,"e":1e400,"m":9007199254740991}'

const json: AnswerCase[] = [
  ...[
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/vnd.api+json',
    'application/problem+json',
    'application/x-amz-json-1.1',
    'text/json',
    'application/json, application/json',
    'application/json;',
  ].map((type) => typed(type, '{"a":[1,"ü"]}', ok({ a: [1, 'ü'] }))),
  typed('application/json', '\ufeff{"a":1}', ok({ a: 1 })),
  typed('application/json', utf16('{"a":"ü"}', 'little'), ok({ a: 'ü' })),
  typed('application/json', utf16('{"a":"ü"}', 'big'), ok({ a: 'ü' })),
  typed('application/json; charset=utf-16', utf16('\ufeff{"a":"ü"}', 'big'), ok({ a: 'ü' })),
  typed('application/json; charset=iso-8859-1', latin('{"a":"\xfc"}'), ok({ a: 'ü' })),
  typed('application/json; charset=nonsense', '{"a":"ü"}', ok({ a: 'ü' })),
  typed('application/json', latin('{"a":"caf\xe9"}'), ok({ a: 'café' })),
  typed('application/json', latin('{"a":"\xc3\xbc\xff"}'), ok({ a: 'ü\ufffd' })),
  typed('application/json', ' \n', ok(null)),
  typed('application/json', 'null', ok(null)),
  typed('application/json', '"text"', ok('text')),
  typed('application/json', ')]}\'\n{"a":1}', ok({ a: 1 })),
  typed('application/json', '{"a":1}\n{"a":2}\n', ok([{ a: 1 }, { a: 2 }])),
  typed('application/json', '{"a":1,"a":2}', ok({ a: 2 })),
  typed(
    'application/json',
    '{"__proto__":{"x":1},"constructor":2}',
    ok(matching((value) => JSON.stringify(value) === '{"__proto__":{"x":1},"constructor":2}', 'its own keys')),
  ),
  typed('application/json', '{"a":NaN,"b":[-Infinity],"c":"NaN"}', ok({ a: null, b: [null], c: 'NaN' })),
  typed(
    'application/json',
    NUMBERS,
    ok({
      id: '12345678901234567890',
      n: '-9007199254740993',
      s: '12345678901234567890',
      f: 0.1234567890123456,
      e: '1e400',
      m: Number.MAX_SAFE_INTEGER,
    }),
  ),
  typed('application/json', '12345678901234567890', ok('12345678901234567890')),
  typed('application/json', '{"a":"\\": 12345678901234567890, \\\\"}', ok({ a: '": 12345678901234567890, \\' })),
  typed('application/json', '{"a": 2024-10-1112131415161718}', invalid(/is not valid JSON/)),
  typed('application/json', '{"a":12345678901234567', invalid(/is not valid JSON/)),
  typed('application/json', '{"a":1', invalid(/^The call was accepted \(200\), but its answer says it is application/)),
  typed('application/json', 'Created', invalid(/is not valid JSON\. It begins with "Created"\.$/)),
  typed('application/json', '<!doctype html><title>Sign in</title>', invalid(/begins with "<!doctype html>/)),
  typed('application/json', `{"a":${DEEP}}`, ok(file('application/json', 200_006))),
  typed('application/json', '['.repeat(100_000), invalid(/is not valid JSON/)),
  typed('application/json', `[${'"\\"",'.repeat(400_000)}12345678901234567890`, invalid(/is not valid JSON/)),
  typed('application/json', `"${'x'.repeat(5_000_000)}"`, ok(file('application/json', 5_000_002))),
]

const lines: AnswerCase[] = [
  typed('application/x-ndjson', '{"a":1}\r\n\n{"a":2}\n', ok([{ a: 1 }, { a: 2 }])),
  typed('application/x-ndjson', '{"a":12345678901234567890}', ok([{ a: '12345678901234567890' }])),
  typed('application/json-seq', '\u001e{"a":1}\n\u001e{"a":2}\n', ok([{ a: 1 }, { a: 2 }])),
  typed('application/geo+json-seq', '\u001e{"a":1}\n', ok([{ a: 1 }])),
  typed('application/x-ndjson', '{"a":1}\n{"a"', invalid(/its line 2 is not valid JSON/)),
]

const DECLARED = '<?xml version="1.0" encoding="ISO-8859-1"?>'

const texts: AnswerCase[] = [
  typed('text/plain', 'hello', ok('hello')),
  typed('text/plain', '\ufeffü', ok('ü')),
  typed('text/csv', 'a,b\n1,2\n', ok('a,b\n1,2\n')),
  typed('text/csv', latin('na\xefve'), ok('naïve')),
  typed('text/csv', utf16('\ufeffa;b', 'little'), ok('a;b')),
  typed('text/plain; charset="Shift_JIS"', latin('\x83e\x83X\x83g'), ok('テスト')),
  typed('application/xml', '<a>ü</a>', ok('<a>ü</a>')),
  typed('application/xml', latin(`${DECLARED}<a>\xfc</a>`), ok(`${DECLARED}<a>ü</a>`)),
  typed('application/atom+xml', '<feed/>', ok('<feed/>')),
  typed('text/html', latin('<meta charset=windows-1251><p>\xcf</p>'), ok('<meta charset=windows-1251><p>П</p>')),
  typed('application/x-www-form-urlencoded', 'access_token=x&scope=y', ok('access_token=x&scope=y')),
  typed('text/plain', PNG, ok(file('text/plain', PNG.length))),
  typed('text/plain', 'x'.repeat(5_000_000), ok(file('text/plain', 5_000_000))),
]

const misnamed: AnswerCase[] = [
  typed('text/plain', '{"a":1}', ok({ a: 1 })),
  typed('text/html; charset=utf-8', ' [1]', ok([1])),
  typed('application/octet-stream', '{"a":1}', ok({ a: 1 })),
  typed('text/plain', '{"a":1}', ok('{"a":1}'), { accept: 'text/plain' }),
  typed('text/plain', '{oops}', ok('{oops}')),
  typed('text/plain', '12', ok('12')),
  typed('text/plain', DEEP, ok(file('text/plain', 200_000))),
  typed('image/png', '{"a":1}', ok(file('image/png', 7))),
  {
    name: 'JSON that is to be saved as a file',
    answer: whole(
      200,
      { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment; filename="../b.json"' },
      '{"a":1}',
    ),
    expected: ok({ file: 'b.json', type: 'application/octet-stream', size: 7 }),
  },
  typed('', '{"a":1}', ok({ a: 1 })),
  typed('', 'hello', ok('hello')),
  typed('', PNG, ok(file('application/octet-stream', PNG.length))),
  typed('json', '{"a":1}', ok({ a: 1 })),
  typed('*/*', '[1]', ok([1])),
]

const bytes: AnswerCase[] = [
  typed('image/png', PNG, ok(file('image/png', PNG.length, { text: PNG.toString('latin1') }))),
  typed('application/octet-stream', PNG, ok(file('application/octet-stream', PNG.length))),
  typed('application/gzip', latin('\x1f\x8b\x08\0'), ok(file('application/gzip', 4))),
  {
    name: 'a file with a name in any language',
    answer: whole(
      200,
      {
        'content-type': 'application/pdf',
        'content-disposition': "attachment; filename=x; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf",
      },
      'x',
    ),
    expected: ok({ file: 'résumé.pdf', type: 'application/pdf', size: 1 }),
  },
]

const parts: AnswerCase[] = [
  typed(
    'multipart/mixed; boundary="=_B"',
    `preamble\r\n${multipart(
      'Content-Type: application/json\r\nX-Id: 1\r\n\r\n{"a":1}',
      'Content-Type: text/plain\r\n\r\nline\r\n',
      'Content-Type: image/png\r\nContent-Disposition: attachment; filename=p.png\r\n\r\nPNG',
      '\r\nbare',
    )}epilogue`,
    ok([
      { headers: { 'content-type': 'application/json', 'x-id': '1' }, data: { a: 1 } },
      { headers: { 'content-type': 'text/plain' }, data: 'line\r\n' },
      { headers: { 'content-type': 'image/png' }, data: { file: 'p.png', type: 'image/png', size: 3 } },
      { headers: {}, data: 'bare' },
    ]),
  ),
  typed(
    'multipart/mixed; boundary="=_B"',
    multipart('Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\na\r\n--x--'),
    ok([{ data: { file: 'a', type: 'multipart/mixed' } }]),
  ),
  typed('multipart/mixed; boundary="=_B"', '--=_B\r\n\r\ncut off', ok(file('multipart/mixed', 16))),
  typed('multipart/mixed', multipart('\r\nx'), ok(file('multipart/mixed', 21))),
]

export const contentCases: AnswerCase[] = [...json, ...lines, ...texts, ...misnamed, ...bytes, ...parts]
