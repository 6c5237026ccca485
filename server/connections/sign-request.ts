// Ways to sign a request, beside what placements put into it: the one place that knows which there are. Pure.
import type { Signing } from '../../drizzle/shapes.ts'
import type { CredentialTarget } from '../net/outbound.ts'
import { type AwsKey, signAws } from './sign-aws.ts'

export type Sign = (target: CredentialTarget) => Promise<void>

/** `field` is the one whose value is missing or does not fit. Messages never quote a value. */
export type Signer = { ok: true; sign: Sign } | { ok: false; field: string; message: string }

type MakeSigner = (signing: Signing, values: ReadonlyMap<string, string>) => Signer

const SIGNERS: Record<Signing['algorithm'], MakeSigner> = { 'aws4-hmac-sha256': awsSigner }

export function signerOf(signing: Signing, values: ReadonlyMap<string, string>): Signer {
  return SIGNERS[signing.algorithm](signing, values)
}

function awsSigner(signing: Signing, values: ReadonlyMap<string, string>): Signer {
  const key: AwsKey = {
    accessKeyId: values.get(signing.accessKeyId) ?? '',
    secretAccessKey: values.get(signing.secretAccessKey) ?? '',
    sessionToken: values.get(signing.sessionToken) ?? '',
    region: values.get(signing.region) ?? '',
    service: values.get(signing.service) ?? '',
  }
  // These stand in a header between slashes, commas and blanks.
  for (const part of ['accessKeyId', 'region', 'service'] as const) {
    const field = signing[part]
    if (key[part] === '') return { ok: false, field, message: `A value for ${field} is missing.` }
    const message = `${field} holds letters, digits, ., _ and - only.`
    if (!/^[\w.-]+$/.test(key[part])) return { ok: false, field, message }
  }
  const { secretAccessKey: field } = signing
  if (key.secretAccessKey === '') return { ok: false, field, message: `A value for ${field} is missing.` }
  if (!/^[\x21-\x7e]*$/.test(key.sessionToken)) {
    return { ok: false, field: signing.sessionToken, message: 'A session token is one line of plain text.' }
  }
  return { ok: true, sign: (target) => signAws(target, key, Date.now()) }
}
