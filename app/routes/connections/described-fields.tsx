// The fields of a credential that no document describes. What a place does not need is hidden with `:has()`, and not
// read, so that it works without JavaScript.
import { errorFor, type FormError } from '../../ui/error-summary.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import type { ConnectValues } from './connect-fields.tsx'
import { CUSTOM_PARTS, partField, SECRET } from './connect-names.ts'

interface DescribedProps {
  values: ConnectValues
  errors?: FormError[]
}

export function DescribedCredential({ values, errors }: DescribedProps) {
  const [first, ...others] = CUSTOM_PARTS
  return (
    <>
      <Part part={first} values={values} errors={errors} />
      {others.map((part) => (
        <details
          key={part}
          open={isStarted(part, values, errors)}
          className="rounded-lg border border-control bg-surface"
        >
          <summary className="disclosure rounded-lg px-3.5 py-2.5 text-sm font-medium">
            {part === 2 ? 'Send a second part with it' : 'Send a third part with it'}
          </summary>
          <div className="border-t border-line p-3.5 pt-3">
            <Part part={part} values={values} errors={errors} />
          </div>
        </details>
      ))}
    </>
  )
}

function isStarted(part: number, { fields }: ConnectValues, errors: FormError[] | undefined): boolean {
  const isFilled = ['name', 'user'].some((name) => (fields[partField(part, name)] ?? '') !== '')
  const hasError = ['in', 'name', 'template', 'user', 'secret'].some((name) => errorFor(errors, partField(part, name)))
  return isFilled || hasError
}

function Part({ part, values, errors }: DescribedProps & { part: number }) {
  const field = (name: string) => ({
    name: partField(part, name),
    defaultValue: values.fields[partField(part, name)],
    error: errorFor(errors, partField(part, name)),
  })
  const isNamed =
    'space-y-4 group-has-[[value=bearer]:checked]/part:hidden group-has-[[value=basic]:checked]/part:hidden'
  const { defaultValue: where = 'header', ...place } = field('in')
  const { defaultValue: template = SECRET, ...around } = field('template')
  const { defaultValue: _, ...secret } = field('secret')
  return (
    <div className="group/part space-y-4">
      <SelectField {...place} label="Where it goes" defaultValue={where}>
        <option value="header">In a header</option>
        <option value="query">In a query parameter</option>
        <option value="cookie">In a cookie</option>
        <option value="bearer">As a bearer token</option>
        <option value="basic">As user name and password</option>
      </SelectField>
      <div className={isNamed}>
        <TextField
          {...field('name')}
          label={
            <>
              Name of the <span className="hidden group-has-[[value=header]:checked]/part:inline">header</span>
              <span className="hidden group-has-[[value=query]:checked]/part:inline">parameter</span>
              <span className="hidden group-has-[[value=cookie]:checked]/part:inline">cookie</span>
            </>
          }
          autoCapitalize="none"
          isMono
        />
        <TextField
          {...around}
          label="What is sent"
          hint={`${SECRET} stands for the secret: Token ${SECRET}, for example.`}
          defaultValue={template}
          autoCapitalize="none"
          isMono
        />
      </div>
      <div className="hidden group-has-[[value=basic]:checked]/part:block">
        <TextField {...field('user')} label="User name" autoCapitalize="none" isMono />
      </div>
      {/* `new-password` is what keeps browsers from filling in the password of the console's own origin. */}
      <TextField
        {...secret}
        type="password"
        autoComplete="new-password"
        label={
          <>
            <span className="group-has-[[value=basic]:checked]/part:hidden">Secret</span>
            <span className="hidden group-has-[[value=basic]:checked]/part:inline">Password (optional)</span>
          </>
        }
        isMono
      />
    </div>
  )
}
