// The package types its front door only. Its CommonJS files are imported by path so that all of them are one copy, in
// Node and in the bundle alike.
declare module 'sucrase/dist/index.js' {
  export { transform } from 'sucrase'
}

declare module 'sucrase/dist/parser/index.js' {
  export function parse(
    code: string,
    isJsx: boolean,
    isTypeScript: boolean,
    isFlow: boolean,
  ): { tokens: { type: number; start: number; end: number }[] }
}

declare module 'sucrase/dist/parser/tokenizer/types.js' {
  export const TokenType: Record<'bigint' | '_import' | '_export', number>
}

declare module 'sucrase/dist/parser/tokenizer/state.js' {
  type ParserStateClass = { prototype: ParserState }
  const exported: ParserStateClass | { default: ParserStateClass }
  export default exported

  export interface ParserState {
    pos: number
    restoreFromSnapshot: (this: ParserState, snapshot: { pos: number }) => void
  }
}
