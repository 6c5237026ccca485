// Descriptions as documents write them: Markdown, of which paragraphs, lists, code, bold and links are shown. The text
// is a stranger's: it becomes React elements and never HTML.
import type { ReactNode } from 'react'

export function Prose({ text }: { text: string }) {
  return (
    <div className="max-w-[68ch] space-y-3 wrap-anywhere">
      {blocks(text).map((block, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- the text never changes under its page
        <Block key={index} block={block} />
      ))}
    </div>
  )
}

type BlockOf = { kind: 'paragraph' | 'heading' | 'code'; text: string } | { kind: 'list'; items: string[] }

/** The blocks of a text, in order. */
export function blocks(text: string): BlockOf[] {
  const found: BlockOf[] = []
  const parts = text.replaceAll('\r\n', '\n').split(/^```[^\n]*\n?([\s\S]*?)^```[^\n]*$/m)
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1) found.push({ kind: 'code', text: part.trimEnd() })
    else for (const piece of part.split(/\n\s*\n/)) found.push(...blockOf(piece.trim()))
  }
  return found
}

function blockOf(piece: string): BlockOf[] {
  if (piece === '') return []
  const heading = /^#{1,6}\s+(.*)$/.exec(piece)
  if (heading?.[1] !== undefined) return [{ kind: 'heading', text: heading[1] }]
  const firstItem = piece.search(/^\s*[-*]\s/m)
  if (firstItem < 0) return [{ kind: 'paragraph', text: piece }]
  const items = piece
    .slice(firstItem)
    .split(/^\s*[-*]\s+/m)
    .map((item) => item.trim())
    .filter((item) => item !== '')
  return [...blockOf(piece.slice(0, firstItem).trim()), { kind: 'list', items }]
}

function Block({ block }: { block: BlockOf }) {
  switch (block.kind) {
    case 'list':
      return (
        <ul className="list-disc space-y-1 pl-5">
          {block.items.map((item) => (
            <li key={item}>{inline(item)}</li>
          ))}
        </ul>
      )
    case 'code':
      return <pre className="overflow-x-auto font-mono text-sm whitespace-pre-wrap">{block.text}</pre>
    case 'heading':
      return <p className="font-semibold">{inline(block.text)}</p>
    default:
      return <p>{inline(block.text)}</p>
  }
}

const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/g

function inline(text: string): ReactNode[] {
  const nodes: ReactNode[] = []
  let end = 0
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, label, href] = match
    nodes.push(text.slice(end, match.index))
    end = match.index + whole.length
    if (code !== undefined)
      nodes.push(
        <code key={match.index} className="font-mono text-[0.875em]">
          {code}
        </code>,
      )
    else if (bold !== undefined) nodes.push(<strong key={match.index}>{inline(bold)}</strong>)
    else {
      nodes.push(
        <a key={match.index} href={href} rel="noreferrer" className="underline underline-offset-4">
          {label}
        </a>,
      )
    }
  }
  return [...nodes, text.slice(end)]
}
