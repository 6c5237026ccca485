// A small API whose document changes: the second version asks for more, goes to another host, and has other operations.
import { startRecordingUpstream } from './recording-upstream.ts'

const ok = (schema: object = { type: 'array', items: { type: 'string' } }) => ({
  200: { description: 'ok', content: { 'application/json': { schema } } },
})

/** `url` serves all of it but what the second version has moved to `elsewhere`. */
export function shopDocument(version: 1 | 2, url: string, elsewhere: string): object {
  const isSecond = version === 2
  const area = { name: 'area', in: 'query', required: true, schema: { type: 'string' } }
  return {
    openapi: '3.1.0',
    info: { title: 'Shop', version: `${version}.0` },
    servers: [{ url }],
    paths: {
      '/orders': {
        get: {
          operationId: 'orders/list',
          summary: 'List orders',
          parameters: isSecond ? [area] : [],
          responses: ok(),
        },
        post: { operationId: 'orders/create', summary: 'Order something', responses: ok() },
      },
      ...(isSecond
        ? {
            '/labels': {
              servers: [{ url: elsewhere }],
              get: { operationId: 'labels/list', summary: 'List labels', responses: ok() },
            },
          }
        : { '/stock': { get: { operationId: 'stock/list', summary: 'List what there is', responses: ok() } } }),
    },
  }
}

/** A document that has whatever a page about it may have to say. */
function troubledDocument(url: string): object {
  const { paths, ...document } = { paths: {}, ...shopDocument(2, url, 'https://labels.example') }
  const region = { default: 'eu', enum: ['eu', 'us'], description: 'Where the shop is.' }
  const gone = { $ref: 'https://gone.invalid/parameters.yaml#/area' }
  return {
    ...document,
    servers: [{ url: 'https://{region}.shop.example', description: 'In production', variables: { region } }, { url }],
    paths: { ...paths, '/gone': { get: { operationId: 'gone/list', parameters: [gone], responses: ok() } } },
    webhooks: { ordered: { post: { responses: ok() } } },
  }
}

/** The shop behind two ports, its document, and a page that leads to it and to another one. */
export async function startShop() {
  const elsewhere = await startRecordingUpstream({ 'GET /labels': { body: ['fragile'] } })
  const answers: Parameters<typeof startRecordingUpstream>[0] = {
    'GET /orders': { body: ['a bicycle'] },
    'GET /stock': { body: ['bicycles'] },
  }
  const shop = await startRecordingUpstream(answers)
  const page = `<!doctype html><title>Shop APIs</title><div id="swagger-ui"></div><script>
    SwaggerUIBundle({ urls: [{ url: '/openapi.json', name: 'Shop' }, { url: '/returns.json', name: 'Returns' }] })</script>`
  const document = (version: 1 | 2) => shopDocument(version, shop.url, elsewhere.url)
  answers['GET /docs'] = { headers: { 'content-type': 'text/html' }, body: page }
  answers['GET /openapi.json'] = { body: document(1) }
  answers['GET /returns.json'] = { body: { ...document(1), info: { title: 'Returns', version: '1.0' } } }
  return {
    url: shop.url,
    troubled: troubledDocument(shop.url),
    elsewhere,
    take: shop.take,
    /** What its document says from now on, or how asking for it fails. */
    publish: (version: 1 | 2 | 'down') => {
      answers['GET /openapi.json'] = version === 'down' ? { status: 503, body: 'down' } : { body: document(version) }
    },
    close: async () => {
      await shop.close()
      await elsewhere.close()
    },
  }
}
