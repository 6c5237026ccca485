import { Form } from 'react-router'
import { Button } from '../../ui/button.tsx'
import { errorFor, ErrorSummary, type FormError } from '../../ui/error-summary.tsx'
import { TextField } from '../../ui/field.tsx'

interface EditFormProps {
  values: { title: string; baseUrl: string }
  errors?: FormError[]
}

export function EditForm({ values, errors }: EditFormProps) {
  return (
    <Form method="post" action="#edit" className="max-w-2xl space-y-5">
      <ErrorSummary errors={errors} />
      <TextField name="title" label="Title" defaultValue={values.title} error={errorFor(errors, 'title')} required />
      <TextField
        type="url"
        name="baseUrl"
        label="Base URL"
        hint="A credential goes only to the host it was given for. After a change of host, each connection asks to confirm the new one."
        defaultValue={values.baseUrl}
        error={errorFor(errors, 'baseUrl')}
        required
        isMono
      />
      <Button name="intent" value="edit">
        Save
      </Button>
    </Form>
  )
}
