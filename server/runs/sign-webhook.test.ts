import { expect, test } from 'vitest'
import { newSigningSecret, webhookHeaders } from './sign-webhook.ts'

/** From the tests of the specification's own libraries. */
const REFERENCE = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  message: { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', sentAt: 1_614_265_330_000, body: '{"test": 2432232314}' },
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}

test('a message is signed as the libraries of Standard Webhooks sign it', async () => {
  expect(await webhookHeaders(REFERENCE.message, [REFERENCE.secret])).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': REFERENCE.signature,
  })
})

test('each secret signs, in order, with a space between', async () => {
  const headers = await webhookHeaders(REFERENCE.message, [newSigningSecret(), REFERENCE.secret])
  expect(headers['webhook-signature']).toMatch(/^v1,[A-Za-z\d+/]{43}= v1,[A-Za-z\d+/]{43}=$/)
  expect(headers['webhook-signature']?.split(' ')[1]).toBe(REFERENCE.signature)
})

test('bytes that are not ASCII are signed as UTF-8', async () => {
  const at = { ...REFERENCE.message, body: '{"summary":"Größe ✓"}' }
  const [signed, other] = await Promise.all([
    webhookHeaders(at, [REFERENCE.secret]),
    webhookHeaders({ ...at, body: '{"summary":"Grosse ✓"}' }, [REFERENCE.secret]),
  ])
  expect(signed['webhook-signature']).not.toBe(other['webhook-signature'])
})

test('no two secrets are the same, and each has 32 bytes', () => {
  const secrets = Array.from({ length: 50 }, newSigningSecret)
  expect(new Set(secrets).size).toBe(50)
  for (const secret of secrets) expect(atob(secret.slice(6))).toHaveLength(32)
})
