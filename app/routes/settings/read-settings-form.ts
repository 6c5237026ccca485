// The settings as a person types them, and what is wrong with them.
import {
  DAY_BOUNDS,
  fieldKey,
  isWithinDays,
  LONGEST_FIELD_NAME,
  MOST_HIDDEN_FIELDS,
  type Settings,
} from '../../../server/db/settings.ts'
import type { FormError } from '../../ui/error-summary.tsx'
import { formText } from '../form.ts'

/** As they stand in the fields; one name of a hidden field per line. */
export type SettingsValues = Record<keyof Settings, string>

export function shownSettings(settings: Settings): SettingsValues {
  return {
    runDays: String(settings.runDays),
    auditDays: String(settings.auditDays),
    approvalDays: String(settings.approvalDays),
    hiddenFields: settings.hiddenFields.join('\n'),
  }
}

export type ReadSettings = { ok: true; settings: Settings } | { ok: false; errors: FormError[]; values: SettingsValues }

export function readSettingsForm(form: FormData): ReadSettings {
  const values: SettingsValues = {
    runDays: formText(form, 'runDays'),
    auditDays: formText(form, 'auditDays'),
    approvalDays: formText(form, 'approvalDays'),
    hiddenFields: formText(form, 'hiddenFields'),
  }
  const errors: FormError[] = []
  const days = (field: keyof typeof DAY_BOUNDS): number => {
    const given = /^\d+$/.test(values[field]) ? Number(values[field]) : Number.NaN
    if (isWithinDays(given, field)) return given
    const { least, most } = DAY_BOUNDS[field]
    errors.push({ field, message: `${NAMES[field]}: give a whole number from ${least} to ${most}.` })
    return least
  }
  const settings: Settings = {
    runDays: days('runDays'),
    auditDays: days('auditDays'),
    approvalDays: days('approvalDays'),
    hiddenFields: namesIn(values.hiddenFields),
  }
  const tooLong = settings.hiddenFields.some((name) => name.length > LONGEST_FIELD_NAME)
  const refuse = (message: string) => errors.push({ field: 'hiddenFields', message })
  if (tooLong) refuse(`The name of a field has at most ${LONGEST_FIELD_NAME} characters.`)
  if (settings.hiddenFields.length > MOST_HIDDEN_FIELDS) refuse(`Give at most ${MOST_HIDDEN_FIELDS} names.`)
  return errors.length > 0 ? { ok: false, errors, values } : { ok: true, settings }
}

const NAMES: Record<keyof typeof DAY_BOUNDS, string> = {
  runDays: 'Runs',
  auditDays: 'Audit',
  approvalDays: 'Approvals',
}

/** Names by lines or commas; two that are compared as one are given once. */
function namesIn(text: string): string[] {
  const byKey = new Map<string, string>()
  for (const part of text.split(/[\n\r,]+/)) {
    const name = part.trim()
    if (fieldKey(name) !== '' && !byKey.has(fieldKey(name))) byKey.set(fieldKey(name), name)
  }
  return [...byKey.values()]
}
