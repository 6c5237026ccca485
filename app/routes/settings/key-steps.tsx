import { CodeBlock } from '../../ui/code-block.tsx'
import { Section } from '../../ui/page.tsx'

/** In this order every secret opens at every moment. */
const STEPS = [
  {
    what: 'Make a key, and keep a copy where you keep such things: nothing can bring a lost key back.',
    label: 'Make a key',
    text: 'openssl rand -base64 32',
  },
  {
    what: 'Give the Worker the key in use as the previous one, and only then the new one. wrangler asks for each.',
    label: 'Give both to the Worker',
    text: 'npx wrangler secret put EXECUTOR_SECRET_KEY_PREVIOUS\nnpx wrangler secret put EXECUTOR_SECRET_KEY',
  },
  {
    what: 'Every secret is then sealed again with the new key: by itself, within minutes. This page shows how far it is, and says when the previous key can go.',
  },
]

export function KeySteps() {
  return (
    <Section
      title="Change the key"
      lead="After somebody left who knew it, when it may have been seen, or on a schedule of yours."
    >
      <ol className="max-w-3xl list-decimal space-y-4 pl-5 text-[0.9375rem]">
        {STEPS.map(({ what, label, text }) => (
          <li key={what} className="space-y-2 pl-1">
            <p className="max-w-[68ch]">{what}</p>
            {text !== undefined && <CodeBlock label={label} text={text} />}
          </li>
        ))}
      </ol>
    </Section>
  )
}
