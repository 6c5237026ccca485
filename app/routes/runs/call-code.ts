import type { CallKind } from '../../../drizzle/shapes.ts'
import { isIdentifier, literal } from '../literal.ts'

/** A call as code that makes it again. `input` is what it was given, as the page shows it. */
export function callCode(call: { kind: CallKind; address: string }, input: unknown): string {
  switch (call.kind) {
    case 'tool':
      return `await ${toolPath(call.address)}(${input === null || input === undefined ? '' : literal(input)})`
    case 'search':
      return `await tools.search(${literal(input)})`
    case 'describe':
      return `await tools.describe(${literal(addressIn(input))})`
    case 'results':
      return `await results.get(${literal(input)})`
    default:
      return `await new Promise((resolve) => setTimeout(resolve, ${literal(input)}))`
  }
}

/** `tools.github.issues.create`, or `tools["github@work"].issues.create`. */
function toolPath(address: string): string {
  const names = address.split('.')
  return `tools${names.map((name) => (isIdentifier(name) ? `.${name}` : `[${JSON.stringify(name)}]`)).join('')}`
}

function addressIn(input: unknown): unknown {
  return typeof input === 'object' && input !== null && 'address' in input ? input.address : input
}
