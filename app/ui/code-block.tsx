// Text to read or copy. Without JavaScript a click selects all of it; with it there is a button.
import { useEffect, useState } from 'react'
import { useIsEnhanced } from './use-is-enhanced.ts'

interface CodeBlockProps {
  text: string
  /** What the text is, for the button's name and for screen readers. */
  label: string
  /** Shown above the text: a file's path, or where to run it. */
  caption?: string
  /** Taller texts scroll. */
  isTall?: boolean
}

export function CodeBlock({ text, label, caption, isTall = false }: CodeBlockProps) {
  return (
    <figure className="overflow-hidden rounded-lg border border-line bg-sunken">
      <figcaption className="flex min-h-12 items-center justify-between gap-3 border-b border-line px-4 sm:min-h-10">
        <span className="min-w-0 text-xs wrap-anywhere text-muted">{caption ?? label}</span>
        <CopyButton text={text} label={label} />
      </figcaption>
      {/* What scrolls can be reached with the keyboard. */}
      <pre
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
        tabIndex={0}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- `pre` keeps the line breaks of what is copied
        role="region"
        aria-label={label}
        className={`more-below overflow-auto px-4 py-3 font-mono text-[0.8125rem] leading-6 whitespace-pre-wrap wrap-anywhere focus-visible:-outline-offset-2 ${isTall ? 'max-h-160' : 'max-h-96'}`}
      >
        <code>{text}</code>
      </pre>
    </figure>
  )
}

function CopyButton({ text, label }: { text: string; label: string }) {
  const isEnhanced = useIsEnhanced()
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null)
  useEffect(() => {
    if (outcome === null) return undefined
    const timer = setTimeout(() => setOutcome(null), 2000)
    return () => clearTimeout(timer)
  }, [outcome])
  if (!isEnhanced) return null

  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    )
  }
  return (
    <button
      type="button"
      onClick={copy}
      className="-mr-2 min-h-11 shrink-0 cursor-pointer rounded-md px-2 text-xs font-medium text-accent hover:underline sm:min-h-8"
    >
      <span aria-live="polite">
        {outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Select and copy' : 'Copy'}
      </span>
      <span className="sr-only"> {label}</span>
    </button>
  )
}
