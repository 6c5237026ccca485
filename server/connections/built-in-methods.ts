// Ways to sign in that no document describes. Admins choose them.
import type { AuthMethod } from '../../drizzle/shapes.ts'
import { storedMethod } from './method.ts'

/** Cloudflare's own name for the header that an application linked to another takes the token of that one in. */
export const ACCESS_TOKEN_HEADER = 'Cf-Access-Token'

/** The pair of a service token, for an application behind Access that a policy of Service Auth lets it into. */
export const ACCESS_SERVICE_TOKEN: AuthMethod = {
  id: 'access_service_token',
  label: 'Access service token',
  description: 'For an application behind Cloudflare Access that has a Service Auth policy with this token.',
  fields: [
    { name: 'clientId', label: 'Client ID', isSecret: false, hint: 'Ends in .access' },
    { name: 'clientSecret', label: 'Client secret', isSecret: true },
  ],
  placements: [
    { in: 'header', name: 'CF-Access-Client-Id', template: '{clientId}' },
    { in: 'header', name: 'CF-Access-Client-Secret', template: '{clientSecret}' },
  ],
}

/** Linked applications: the caller's own assertion, while a request of theirs lasts. */
export const ACCESS_PERSON: AuthMethod = {
  id: 'access_person',
  label: 'Access (as the signed-in person)',
  description:
    'For an application behind Cloudflare Access that is linked to Executor: each call is made as the person who asks for it. There is nothing to type in.',
  fields: [],
  placements: [],
  forwards: { header: ACCESS_TOKEN_HEADER },
}

export const AWS_SIGV4: AuthMethod = {
  id: 'aws_sigv4',
  label: 'AWS Signature Version 4',
  description: 'For APIs of Amazon Web Services, and others that are signed in the same way.',
  fields: [
    { name: 'accessKeyId', label: 'Access key ID', isSecret: false },
    { name: 'secretAccessKey', label: 'Secret access key', isSecret: true },
    { name: 'sessionToken', label: 'Session token', isSecret: true, isOptional: true, hint: 'Of temporary keys' },
    { name: 'region', label: 'Region', isSecret: false, hint: 'For example eu-central-1' },
    { name: 'service', label: 'Service', isSecret: false, hint: 'As it is signed, for example execute-api or s3' },
  ],
  placements: [],
  signing: {
    algorithm: 'aws4-hmac-sha256',
    accessKeyId: 'accessKeyId',
    secretAccessKey: 'secretAccessKey',
    sessionToken: 'sessionToken',
    region: 'region',
    service: 'service',
  },
}

export function builtInMethods(): AuthMethod[] {
  return [ACCESS_SERVICE_TOKEN, ACCESS_PERSON, AWS_SIGV4]
}

export function isBuiltIn(method: AuthMethod): boolean {
  const chosen = JSON.stringify(storedMethod(method))
  return builtInMethods().some((one) => JSON.stringify(storedMethod(one)) === chosen)
}
