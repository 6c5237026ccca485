// What a person pasted into the one box: an address, a curl command, a document, or something else. Pure.
import type { AuthMethod } from '../../drizzle/shapes.ts'
import { remoteServer, stdioServer } from '../integrations/mcp/stdio.ts'
import { isFileName, parseAddress, shownAddress } from './address.ts'
import { readCurlCommand } from './curl-command.ts'
import { NO_ADDRESS } from './document-source.ts'

/** `message` is a sentence for the person: what it was taken for, or what to do instead. */
export type Pasted =
  | { kind: 'address'; url: string; message: string }
  /** `method`: how the command signs in. The values of its credentials are gone. */
  | { kind: 'curl'; url: string; method: AuthMethod | null; message: string }
  | { kind: 'document'; format: 'json' | 'yaml' | 'graphql'; message: string }
  /** `mayHoldSecret`: it is not to be shown again. */
  | { kind: 'nothing'; message: string; mayHoldSecret?: true }

/** Enough to tell what it is, and all of a command that matters. */
const LOOKED_AT = 64 * 1024
const LONGEST_ADDRESS = 2048
const PLACEHOLDER = 'The address has a placeholder in it. Put in the real name.'

/** `text` may be the beginning of a longer one, as long as it has the first 64 KiB. */
export function readPasted(text: string): Pasted {
  const head = text
    .slice(0, LOOKED_AT)
    .replace(/^\uFEFF/, '')
    .trim()
  if (head === '') return nothing('Paste an address, a document, or a curl command.')
  if (head.startsWith('```')) return readFenced(head)
  const server = readServer(head)
  if (server !== null) return server
  const word = head.length <= LONGEST_ADDRESS ? unwrap(head) : head
  if (word.length <= LONGEST_ADDRESS && !/\s/.test(word) && !/^[{<]|^\[["{\]]/.test(word)) return readWord(word)
  return readText(head)
}

/** How MCP servers are written down for agents: a configuration, or the command that starts one. */
function readServer(text: string): Pasted | null {
  const address = remoteServer(text)
  if (address !== null) return readWord(address)
  const program = stdioServer(text)
  return program && { ...nothing(program.message), mayHoldSecret: true }
}

/** `<https://…>`, `"https://…"`, `[name](https://…)`: how an address arrives from mail, code and Markdown. */
function unwrap(text: string): string {
  const link = /^\[[^\]]{0,500}\]\(([^()\s]+)\)$/.exec(text)?.[1]
  return (link ?? text).replace(/^[<"'`]+(?=[^<\s]+$)/, '').replace(/[>"'`,;]+$/, '')
}

function readWord(word: string): Pasted {
  const url = parseAddress(word)
  if (url !== null) return readUrl(url)
  if (/[<>{}$]/.test(word)) return nothing(PLACEHOLDER)
  if (isFileName(word) || /^(file:|[a-z]:\\|\.{0,2}\/|~)/i.test(word)) {
    return nothing('This is not a web address, but the name of a file on your machine. Choose the file instead.')
  }
  const isOther = /^[a-z][\w+.-]*:/i.test(word) && !/^https?:/i.test(word)
  return nothing(isOther ? 'Only http and https addresses can be read.' : NO_ADDRESS.message)
}

function readUrl(url: URL): Pasted {
  if (url.username !== '' || url.password !== '') {
    return nothing('The address must not carry a user name or password; they belong to a connection.')
  }
  if (/[{}$*]/.test(url.hostname)) return nothing(PLACEHOLDER)
  return { kind: 'address', url: url.href, message: `The address ${shownAddress(url)}.` }
}

function readText(head: string): Pasted {
  if (head.startsWith('{') || /^\[\s*["{\]]/.test(head)) return document('json')
  if (head.startsWith('<')) {
    return nothing('That is the source of a web page or an XML document. Paste the address of the page instead.')
  }
  if (/^["']?(openapi|swagger)["']?[ \t]*:/m.test(head)) return document('yaml')
  const command = readCurlCommand(head)
  if (command !== null) {
    if (!command.ok) return nothing(command.message)
    return { kind: 'curl', url: command.url, method: command.method, message: command.message }
  }
  if (
    /^(?:extend[ \t]+)?(?:(?:type|interface|input|enum)[ \t]+\w[^:\n{]*|schema[ \t]*)\{|^(?:scalar|union)[ \t]+\w|^directive[ \t]+@/m.test(
      head,
    )
  ) {
    return { kind: 'document', format: 'graphql', message: 'A GraphQL schema.' }
  }
  if (/^(---|#|["']?[\w$-]+["']?[ \t]*:([ \t]|\r?$))/m.test(head) && head.includes('\n')) return document('yaml')
  const address = /https?:\/\/[^\s"'`<>()\\]{1,2000}/i.exec(head)?.[0].replace(/[.,;:!?\]}]+$/, '')
  const url = address === undefined ? null : parseAddress(address)
  if (url !== null) return readUrl(url)
  return nothing('That is neither an address, nor a document in JSON or YAML, nor a curl command.')
}

/** A block of Markdown. A command in it can be read; a document would be stored with the marks around it. */
function readFenced(head: string): Pasted {
  const inside = head
    .replace(/^(?:```[\w-]*[ \t]*\r?\n)+|^`+/, '')
    .replaceAll('```', ' ')
    .trim()
  const found = inside.startsWith('`') ? nothing('There is nothing between the marks.') : readPasted(inside)
  return found.kind === 'document' ? nothing('Leave out the lines with ``` and paste what stands between them.') : found
}

function document(format: 'json' | 'yaml'): Pasted {
  return { kind: 'document', format, message: `A document in ${format.toUpperCase()}.` }
}

function nothing(message: string): Extract<Pasted, { kind: 'nothing' }> {
  return { kind: 'nothing', message }
}
