// The form that puts an import in force, and the buttons that end it.
import { useNavigation } from 'react-router'
import { Button } from '../../ui/button.tsx'

/** Its id: the choice of operations stands above the form, and its boxes and buttons belong to it. */
export const IMPORT_FORM = 'import'

/** Enter presses the first button of a form: this one, and not one of the choice. It stands before that. */
export function DefaultButton() {
  return <button form={IMPORT_FORM} tabIndex={-1} aria-hidden="true" className="sr-only" />
}

export function Decide({ label, busy, cancel }: { label: string; busy: string; cancel: string }) {
  const { formMethod, formData } = useNavigation()
  const isBusy = formMethod === 'POST' && formData?.get('intent') === null
  return (
    <div className="flex flex-wrap gap-3">
      <Button weight="primary" disabled={isBusy}>
        {isBusy ? busy : label}
      </Button>
      <Button name="intent" value="cancel" formNoValidate>
        {cancel}
      </Button>
    </div>
  )
}
