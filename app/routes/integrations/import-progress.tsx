// A document that is being read.
import { Form } from 'react-router'
import type { DocumentOrigin, ImportPreview } from '../../../drizzle/shapes.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/page.tsx'
import { originText, size } from './import-facts.tsx'

interface ImportProgressProps {
  state: string
  done: number
  origin: DocumentOrigin
  preview: ImportPreview | null
  bytes: number
}

export function ImportProgress({ state, done, origin, preview, bytes }: ImportProgressProps) {
  const total = preview?.operationCount ?? 0
  return (
    <>
      <Card>
        <div className="space-y-3">
          <label htmlFor="progress" className="block font-medium wrap-anywhere">
            {state === 'receiving' ? 'Receiving' : 'Reading'} {originText(origin)}
          </label>
          <progress
            id="progress"
            {...(preview !== null && { value: done })}
            max={Math.max(total, 1)}
            className="progress-bar h-2 w-full"
          />
          <output className="block text-sm text-muted tabular-nums">
            {preview === null
              ? bytes > 0 && `${size(bytes)}.`
              : `${done.toLocaleString('en')} of ${total.toLocaleString('en')} operations.`}
          </output>
          <p className="text-sm text-muted">
            You may leave this page: reading goes on, and Integrations leads back here.
          </p>
        </div>
      </Card>
      <Form method="post">
        <Button name="intent" value="cancel">
          Cancel
        </Button>
      </Form>
    </>
  )
}
