// AWS Signature Version 4 in the Authorization header ("Create a signed AWS API request" in the IAM User Guide, and
// "Signature Calculations for the Authorization Header" in that of Amazon S3).
import type { CredentialTarget } from '../net/outbound.ts'

/** `sessionToken` is empty for keys that do not expire. */
export interface AwsKey {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  region: string
  /** `s3`, `execute-api`, … */
  service: string
}

/** What a signature covers. */
export interface Signable {
  method: string
  /** To be encoded once more, segment by segment. */
  path: string
  /** Decoded, in any order. */
  query: readonly (readonly [name: string, value: string])[]
  /** In lower case; each name once. */
  headers: readonly (readonly [name: string, value: string])[]
  /** SHA-256 of the body, in hexadecimal. */
  payloadHash: string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
/** They take the path encoded once and just as it is; all others take it normalised, and encoded twice. */
const STORAGE = /^s3(-|express$|$)/
/** Proxies change other headers on the way, and none of those has to be signed. */
const SIGNED = /^(?:content-type|content-md5|x-amz-.+)$/

/** Signs a request as it goes out, `now` in milliseconds. The path and the query are written as they are signed. */
export async function signAws(target: CredentialTarget, key: AwsKey, now: number): Promise<void> {
  const { method, url, headers, body } = target
  const isStorage = STORAGE.test(key.service)
  const pairs = pairsOf(url.search)
  // What is written in two ways, such as a space as `+`, is read in one.
  url.search = pairs.map((pair) => pair.map(encode).join('=')).join('&')
  if (isStorage) url.pathname = url.pathname.split('/').map(decode).map(encode).join('/')
  const payloadHash = hex(await crypto.subtle.digest('SHA-256', body ?? new Uint8Array()))
  const date = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  headers.delete('x-amz-security-token')
  if (key.sessionToken !== '') headers.set('x-amz-security-token', key.sessionToken)
  headers.set('x-amz-content-sha256', payloadHash)
  headers.set('x-amz-date', date)
  const signable: Signable = {
    method,
    path: isStorage ? decode(url.pathname) : normalised(url.pathname),
    query: pairs.map(([name = '', value = '']) => [name, value]),
    headers: [['host', url.host], ...[...headers].filter(([name]) => SIGNED.test(name))],
    payloadHash,
  }
  headers.set('authorization', await authorizationOf(signable, key, date))
}

/** The value of the Authorization header. `date`: `20150830T123600Z`. */
export async function authorizationOf(request: Signable, key: AwsKey, date: string): Promise<string> {
  const { canonical, signedHeaders } = canonicalRequest(request)
  const scope = [date.slice(0, 8), key.region, key.service, 'aws4_request']
  const digest = hex(await crypto.subtle.digest('SHA-256', bytesOf(canonical)))
  const toSign = [ALGORITHM, date, scope.join('/'), digest].join('\n')
  let signed: BufferSource = bytesOf(`AWS4${key.secretAccessKey}`)
  for (const part of [...scope, toSign]) signed = await hmac(signed, part)
  return `${ALGORITHM} Credential=${key.accessKeyId}/${scope.join('/')}, SignedHeaders=${signedHeaders}, Signature=${hex(signed)}`
}

function canonicalRequest({ method, path, query, headers, payloadHash }: Signable) {
  const pairs = query.map(([name, value]) => [encode(name), encode(value)] as const)
  const sorted = pairs.toSorted((a, b) => byCode(a[0], b[0]) || byCode(a[1], b[1]))
  const named = headers.toSorted((a, b) => byCode(a[0], b[0]))
  const signedHeaders = named.map(([name]) => name).join(';')
  const canonical = [
    method,
    path.split('/').map(encode).join('/'),
    sorted.map((pair) => pair.join('=')).join('&'),
    ...named.map(([name, value]) => `${name}:${value.trim().replaceAll(/ +/g, ' ')}`),
    '',
    signedHeaders,
    payloadHash,
  ].join('\n')
  return { canonical, signedHeaders }
}

/** The platform's `URL` has resolved `.` and `..` already, and leaves empty segments. */
function normalised(path: string): string {
  return path.replaceAll(/\/{2,}/g, '/')
}

/** Each has a value only where it was written with `=`. */
function pairsOf(search: string): string[][] {
  const parts = search.slice(1).split('&')
  return parts
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...value] = part.replaceAll('+', ' ').split('=')
      return (value.length === 0 ? [name] : [name, value.join('=')]).map(decode)
    })
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** All but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${hex(bytesOf(character)).toUpperCase()}`)
}

function byCode(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

async function hmac(secret: BufferSource, text: string): Promise<ArrayBuffer> {
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return crypto.subtle.sign('HMAC', key, bytesOf(text))
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

function hex(bytes: BufferSource): string {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes)
  return Array.from(view, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
