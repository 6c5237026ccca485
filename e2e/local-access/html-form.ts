// The form on a page, filled in the way a browser would before anybody touches it.

export interface HtmlForm {
  /** Every field that would be sent as it is: typed defaults, checked choices, selected options. */
  values: Record<string, string>
  /** Names of password fields. */
  secrets: string[]
}

function decode(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    return named[name ?? ''] ?? whole
  })
}

function attributesOf(tag: string): Record<string, string> {
  const pairs = [...tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].slice(1)
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name.toLowerCase(), decode(value)]))
}

/** The first form that has a field named `field`, or undefined. */
export function findForm(html: string, field: string): HtmlForm | undefined {
  for (const [form] of html.matchAll(/<form\b[\s\S]*?<\/form>/g)) {
    const read = readForm(form)
    if (field in read.values || read.secrets.includes(field)) return read
  }
  return undefined
}

function readForm(form: string): HtmlForm {
  const values: Record<string, string> = {}
  const secrets: string[] = []
  for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
    const { type = 'text', name, value = '', checked } = attributesOf(tag)
    if (!name || type === 'file') continue
    if (type === 'password') secrets.push(name)
    if (['radio', 'checkbox'].includes(type) && checked === undefined) continue
    values[name] = value
  }
  for (const [, tag = '', options = ''] of form.matchAll(/(<select\b[^>]*>)([\s\S]*?)<\/select>/g)) {
    const all = [...options.matchAll(/<option\b[^>]*>/g)].map(([option]) => attributesOf(option))
    const chosen = all.find(({ selected }) => selected !== undefined) ?? all[0]
    values[attributesOf(tag).name ?? ''] = chosen?.value ?? ''
  }
  for (const [, tag = '', text = ''] of form.matchAll(/(<textarea\b[^>]*>)([\s\S]*?)<\/textarea>/g)) {
    values[attributesOf(tag).name ?? ''] = decode(text)
  }
  return { values, secrets }
}
