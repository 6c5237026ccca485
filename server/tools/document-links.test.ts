import { expect, test } from 'vitest'
import { linksOfHeader, linksOfJson, linksOfPage, linksOfScript } from './document-links.ts'

const PAGE = 'https://docs.example.com/api/index.html'
/** `named https://…` for each link, in order. */
const seen = (links: ReturnType<typeof linksOfPage>) => links.map(({ tier, url }) => `${tier} ${url}`)

test.each([
  ['RFC 8631', '<link rel="service-desc" type="application/json" href="/spec">', 'named https://docs.example.com/spec'],
  ['RFC 8631, other order', `<link href='spec' REL=service-desc>`, 'named https://docs.example.com/api/spec'],
  [
    'by its media type',
    '<link rel="alternate" type="application/vnd.oai.openapi+json;version=3.1" href="/spec">',
    'named https://docs.example.com/spec',
  ],
  ['Redoc', '<redoc spec-url="./v1.yaml?a=1&amp;b=2">', 'named https://docs.example.com/api/v1.yaml?a=1&b=2'],
  ['Redoc.init', '<script>Redoc.init( "/definition", {})</script>', 'named https://docs.example.com/definition'],
  [
    'Swagger UI',
    '<script>SwaggerUIBundle({ url: "/openapi.json" })</script>',
    'named https://docs.example.com/openapi.json',
  ],
  [
    'Swagger UI without a telling name',
    '<script>SwaggerUIBundle({ dom_id: "#swagger-ui", url: "/docs/definition" })</script>',
    'page https://docs.example.com/docs/definition',
  ],
  [
    'Swashbuckle',
    `<div id="swagger-ui"></div><script>JSON.parse('{"urls":[{"url":"/swagger/v1/swagger.json","name":"Mine"}]}')</script>`,
    'named https://docs.example.com/swagger/v1/swagger.json',
  ],
  ['Scalar', '<script id="api-reference" data-url="/openapi"></script>', 'named https://docs.example.com/openapi'],
  [
    'Scalar with a configuration',
    `<script id="api-reference" data-configuration="{&quot;spec&quot;:{&quot;url&quot;:&quot;/a/openapi.yaml&quot;}}"></script>`,
    'named https://docs.example.com/a/openapi.yaml',
  ],
  ['Stoplight', '<elements-api apiDescriptionUrl="https://api.example.com/d" />', 'named https://api.example.com/d'],
  ['RapiDoc', '<rapi-doc spec-url = "d.json"></rapi-doc>', 'named https://docs.example.com/api/d.json'],
  ['a base', '<base href="/v2/"><redoc spec-url="d.json">', 'named https://docs.example.com/v2/d.json'],
  ['a plain link', '<a href="/files/openapi.yaml">Download</a>', 'likely https://docs.example.com/files/openapi.yaml'],
  [
    'a link without quotes',
    '<a href=/files/swagger.json>Download</a>',
    'likely https://docs.example.com/files/swagger.json',
  ],
  [
    'data of Next.js',
    `<script>self.__next_f.push([1,"{\\"spec\\":\\"https:\\/\\/cdn.example.com\\/openapi.json\\"}"])</script>`,
    'likely https://cdn.example.com/openapi.json',
  ],
  [
    'data with escapes',
    `<script>{"u":"https:\\u002F\\u002Fcdn.example.com\\u002Fapi-docs"}</script>`,
    'likely https://cdn.example.com/api-docs',
  ],
  [
    'the script of a Swagger UI',
    '<script src="./swagger-initializer.js"></script>',
    'named https://docs.example.com/api/swagger-initializer.js',
  ],
  [
    'another page',
    '<a href="/api-docs/reference">API</a><a href="/blog">Blog</a>',
    'page https://docs.example.com/api-docs/reference',
  ],
  ['a frame', '<iframe src="/swagger-ui/index.html"></iframe>', 'page https://docs.example.com/swagger-ui/index.html'],
  [
    'a redirect',
    '<meta http-equiv="refresh" content="0; url=/swagger-ui/">',
    'page https://docs.example.com/swagger-ui/',
  ],
])('a page names its document: %s', (_, html, link) => {
  expect(seen(linksOfPage(`<!doctype html><html>${html}`, PAGE))).toEqual([link])
})

test('a Swagger UI with several documents offers them by name, in its order', () => {
  const html = `<div id="swagger-ui"></div><script>
    ui({ urls: [{ url: "/orders.json", name: "Orders" }, { "name": 'Users', "url": '/users.json' }], url: "/x.png" })</script>`
  expect(linksOfPage(html, PAGE)).toEqual([
    { url: 'https://docs.example.com/orders.json', tier: 'named', label: 'Orders' },
    { url: 'https://docs.example.com/users.json', tier: 'named', label: 'Users' },
  ])
})

test('a script is read as if it stood on its page', () => {
  const script = `window.onload = () => SwaggerUIBundle({ "configUrl": "/v3/api-docs/swagger-config", url: 'v1/openapi.json' })`
  expect(linksOfScript(script, PAGE)).toEqual([
    { url: 'https://docs.example.com/v3/api-docs/swagger-config', tier: 'named', base: PAGE },
    { url: 'https://docs.example.com/api/v1/openapi.json', tier: 'named' },
  ])
})

test('the example of an unconfigured Swagger UI is not taken for the API of somebody else', () => {
  const script = 'SwaggerUIBundle({ url: "https://petstore.swagger.io/v2/swagger.json" })'
  expect(linksOfScript(script, PAGE)).toEqual([])
  expect(seen(linksOfScript(script, 'https://petstore.swagger.io/'))).toHaveLength(1)
})

test('NestJS has the document beside its page', () => {
  expect(
    seen(linksOfPage('<script src="./docs/swagger-ui-init.js"></script>', 'https://api.example.com/docs')),
  ).toEqual(['named https://api.example.com/docs/swagger-ui-init.js', 'likely https://api.example.com/docs-json'])
})

test('headers of RFC 8631 and RFC 9727', () => {
  const header = `</openapi.json>; rel="service-desc"; type="application/json", <https://docs.example.com/>; rel=service-doc, </c>;rel="api-catalog", </s.css>; rel=preload`
  expect(seen(linksOfHeader(header, 'https://api.example.com/v1'))).toEqual([
    'named https://api.example.com/openapi.json',
    'named https://api.example.com/c',
    'page https://docs.example.com/',
  ])
})

test('an API catalog and the configuration of a Swagger UI', () => {
  const catalog = {
    linkset: [
      {
        anchor: 'https://api.example.com/orders',
        'service-desc': [{ href: '/orders/openapi.json', type: 'application/json', title: 'Orders' }],
        'service-doc': [{ href: '/orders/docs' }],
      },
      { anchor: 'https://api.example.com', item: [{ href: 'https://api.example.com/users' }] },
    ],
  }
  expect(linksOfJson(catalog, 'https://api.example.com/')).toEqual([
    { url: 'https://api.example.com/orders/openapi.json', tier: 'named', label: 'Orders' },
    { url: 'https://api.example.com/orders/docs', tier: 'page' },
    { url: 'https://api.example.com/users', tier: 'page' },
  ])
  const configuration = {
    configUrl: '/v3/api-docs/swagger-config',
    url: '/v3/api-docs',
    urls: [{ url: '/a', name: 'A' }],
  }
  expect(seen(linksOfJson(configuration, 'https://api.example.com/'))).toEqual([
    'named https://api.example.com/a',
    'named https://api.example.com/v3/api-docs',
  ])
  for (const nothing of [null, 1, 'x', [], { linkset: 1 }, { linkset: [null, { 'service-desc': [{ href: 1 }] }] }]) {
    expect(linksOfJson(nothing, 'https://api.example.com/')).toEqual([])
  }
})

test.each([
  '<a href="javascript:openapi.json">',
  '<link rel="service-desc" href="data:application/json,{}">',
  '<redoc spec-url="file:///etc/openapi.json">',
  '<redoc spec-url="https://ada:s3cret@example.com/openapi.json">',
  '<redoc spec-url="https://:openapi.json">',
  '<a href="/openapi.css"><script src="/swagger-ui-bundle.js"></script><img src="/openapi.png">',
  '<a href="https://elsewhere.example.net/api-docs/">',
  '<script>{"url":"/members.json"}</script><a href="/package.json">',
])('no link is taken from %s', (html) => {
  expect(linksOfPage(html, PAGE)).toEqual([])
})

test('ten thousand links are a hundred, the best of them first', () => {
  const links = Array.from({ length: 10_000 }, (_, index) => `<a href="/${index}/openapi.json">${index}</a>`)
  const found = linksOfPage(`${links.join('')}<redoc spec-url="/the-one">`, PAGE)
  expect(found).toHaveLength(100)
  expect(found[0]).toEqual({ url: 'https://docs.example.com/the-one', tier: 'named' })
})

test('a page that was made to be slow is read at once', () => {
  let slowest = 0
  const size = 1024 * 1024
  const repeated = (text: string) => text.repeat(Math.ceil(size / text.length))
  for (const html of [
    repeated('<a href='),
    repeated('<a href="openapi'),
    repeated('<link '),
    `<link ${repeated(' ')}`,
    `<link rel=${repeated(' rel =')}>`,
    repeated('openapi'),
    repeated('.json'),
    repeated('url="'),
    repeated('url:'),
    `swagger-ui ${repeated('url: "/a",')}`,
    `url${repeated(' ')}`,
    repeated('Redoc.init('),
    repeated('&amp;'),
    repeated('\\u002'),
    repeated('<meta http-equiv=refresh content="url=">'),
    repeated('{"url":"/openapi.json","name":"'),
  ]) {
    const start = performance.now()
    expect(linksOfPage(html, PAGE).length).toBeLessThanOrEqual(100)
    linksOfScript(html, PAGE)
    slowest = Math.max(slowest, performance.now() - start)
  }
  expect(slowest).toBeLessThan(2_000)
})
