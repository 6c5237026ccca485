// A tool's address, a qualified one, or a pattern over them: in the code's own type, broken between its parts.
import { Fragment } from 'react'

/** Where a long address may go on in the next line: after a dot or an @, and before a capital. */
const PARTS = /(?<=[.@])|(?<=[a-z])(?=[A-Z])/

export function Address({ text }: { text: string }) {
  return (
    <span className="font-mono wrap-anywhere">
      {text.split(PARTS).map((part, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- the text never changes under its page
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </span>
  )
}
