// APIs to choose from. The search works as a form; with JavaScript the list follows while one types.
import { useEffect, useRef, useState } from 'react'
import { Form, useNavigation } from 'react-router'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Monogram } from '../../ui/monogram.tsx'
import { Empty, Section } from '../../ui/page.tsx'
import { findPresets, type Preset } from './presets.ts'

type Shown = Pick<Preset, 'slug' | 'title' | 'about' | 'category' | 'needs' | 'keysUrl' | 'words'>

export function Gallery({ find, presets }: { find: string; presets: readonly Shown[] }) {
  const [typed, setTyped] = useState(find)
  const field = useRef<HTMLInputElement>(null)
  const shown = useRef<string>(undefined)
  useEffect(() => {
    const input = field.current
    if (input === null) return
    // What was typed before the script was there stays. Later, the address has changed under the page: the browser's
    // way back, or a link.
    if (shown.current !== undefined) input.value = find
    shown.current = find
    setTyped(input.value)
  }, [find])
  const found = findPresets(presets, typed)
  const isFinding = typed.trim() !== ''
  return (
    <Section
      id="gallery"
      title="Or choose one"
      lead="With the document that its maker publishes, and what you need to connect it."
    >
      <search>
        <Form action="/integrations/new#gallery" replace preventScrollReset className="flex max-w-xl items-end gap-3">
          <div className="flex-1">
            <TextField
              type="search"
              name="find"
              label="Find an API"
              placeholder="Calendar, payments, GitHub…"
              maxLength={100}
              ref={field}
              defaultValue={find}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          </div>
          <Button>Find</Button>
        </Form>
      </search>
      <output className="block text-sm text-muted">
        {isFinding ? `${found.length} of ${presets.length}` : `${presets.length} APIs`}
      </output>
      {found.length === 0 ? (
        <Empty title={`Nothing here is called “${typed.trim()}”`}>
          Any API that has a document can be added: paste its address, that of its documentation, or a curl command
          above.
        </Empty>
      ) : (
        <Form method="post" action="/integrations/new">
          {isFinding ? <Cards presets={found} /> : <Categories presets={found} />}
        </Form>
      )}
    </Section>
  )
}

/** Closed, each says whom it holds: all of them open are more than anybody reads. */
function Categories({ presets }: { presets: readonly Shown[] }) {
  return (
    <div className="divide-y divide-line rounded-xl border border-line bg-surface">
      {Object.entries(Object.groupBy(presets, ({ category }) => category)).map(([category, members = []]) => (
        <details key={category} className="group">
          <summary className="disclosure gap-x-4 rounded-xl px-5 py-3 max-sm:grid max-sm:grid-cols-[1fr_auto]">
            <h3 className="col-start-1 row-start-1 text-[0.9375rem] font-medium sm:w-48 sm:shrink-0">{category}</h3>
            <span className="col-start-1 row-start-2 line-clamp-1 text-sm text-muted group-open:hidden">
              {members.map(({ title }) => title).join(', ')}
            </span>
          </summary>
          <div className="px-4 pt-1 pb-5">
            <Cards presets={members} />
          </div>
        </details>
      ))}
    </div>
  )
}

function Cards({ presets }: { presets: readonly Shown[] }) {
  const { formData } = useNavigation()
  const chosen = formData?.get('preset')
  return (
    <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      {presets.map(({ slug, title, about, needs, keysUrl }) => (
        <li
          key={slug}
          className="relative flex gap-3 rounded-xl border border-line bg-surface p-4 hover:border-control"
        >
          <Monogram title={title} seed={slug} />
          <div className="min-w-0 flex-1 space-y-1">
            {/* The whole card is the button; the link lies above it. */}
            <button
              type="submit"
              name="preset"
              value={slug}
              disabled={Boolean(chosen)}
              className="cursor-pointer text-left font-medium after:absolute after:inset-0 after:rounded-xl focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-offset-2 focus-visible:after:outline-accent disabled:cursor-default"
            >
              <span className="sr-only">Add </span>
              {title}
            </button>
            <p className="text-sm text-muted">{chosen === slug ? 'Reading its document…' : about}</p>
            <p className="text-sm text-muted">
              {needs}{' '}
              <a
                href={keysUrl}
                rel="noreferrer"
                className="relative z-1 -my-3 inline-block py-3 text-accent underline decoration-1 underline-offset-4 hover:decoration-2 sm:-my-1 sm:py-1"
              >
                {needs.startsWith('A sign-in') || needs.startsWith('Nothing') ? 'About it' : 'Get it'}
                <span className="sr-only">, for {title}</span>
              </a>
            </p>
          </div>
        </li>
      ))}
    </ul>
  )
}
