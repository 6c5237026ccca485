import { Form } from 'react-router'
import { Button } from '../../ui/button.tsx'
import { errorFor, type FormError } from '../../ui/error-summary.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'

interface WebhookFormProps {
  /** What there is already: its address is not shown again. */
  webhook?: { host: string; format: string }
  /** As they were sent, when there was something wrong with them. */
  values?: { url: string; format: string }
  errors?: FormError[]
}

export function WebhookForm({ webhook, values, errors }: WebhookFormProps) {
  const hint = webhook
    ? 'What is stored is not shown: an address like Slack’s is a secret. Left empty, it stays. Another host gets a new signing secret.'
    : 'For Slack, the address of an incoming webhook. It is sealed, and not shown again.'
  return (
    <Form method="post" className="max-w-2xl space-y-5">
      <TextField
        name="url"
        label="Address"
        hint={hint}
        placeholder={webhook ? `${webhook.host}/…` : 'https://hooks.slack.com/services/…'}
        defaultValue={values?.url}
        error={errorFor(errors, 'url')}
        inputMode="url"
        autoCapitalize="none"
        isMono
      />
      <ChoiceField
        name="format"
        legend="What its receiver understands"
        defaultValue={values?.format ?? webhook?.format ?? 'slack'}
        error={errorFor(errors, 'format')}
        choices={[
          { value: 'slack', label: 'Slack', hint: 'Or anything that takes Slack’s messages, for example Mattermost.' },
          {
            value: 'json',
            label: 'JSON, signed',
            hint: 'A receiver of your own, by the Standard Webhooks specification.',
          },
        ]}
      />
      <Button weight="primary" name="intent" value="save">
        Save
      </Button>
    </Form>
  )
}
