import { expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '../../../server/db/settings.ts'
import { readSettingsForm, shownSettings } from './read-settings-form.ts'

function read(fields: Record<string, string> = {}) {
  const form = new FormData()
  const all = { ...shownSettings({ ...DEFAULT_SETTINGS, hiddenFields: [...DEFAULT_SETTINGS.hiddenFields] }), ...fields }
  for (const [name, value] of Object.entries(all)) form.set(name, value)
  return readSettingsForm(form)
}

test('what is shown is read as it is', () => {
  expect(read()).toEqual({ ok: true, settings: DEFAULT_SETTINGS })
})

test.each([
  ['runDays', '0', '1 to 3650'],
  ['runDays', '3651', '1 to 3650'],
  ['auditDays', '', '1 to 3650'],
  ['auditDays', '1e2', '1 to 3650'],
  ['auditDays', '12.5', '1 to 3650'],
  ['approvalDays', '91', '1 to 90'],
  ['approvalDays', 'a week', '1 to 90'],
  ['hiddenFields', 'x'.repeat(101), '100 characters'],
  ['hiddenFields', Array.from({ length: 201 }, (_, index) => `field${index}`).join('\n'), '200 names'],
])('%s of %s is refused, with its bounds and what was typed', (field, value, said) => {
  expect(read({ [field]: value })).toMatchObject({
    ok: false,
    errors: [{ field, message: expect.stringContaining(said) }],
    values: { [field]: value },
  })
})

test('each wrong field is named', () => {
  const wrong = read({ runDays: '0', auditDays: '0', approvalDays: '0' })
  expect(wrong.ok || wrong.errors.map(({ field }) => field)).toEqual(['runDays', 'auditDays', 'approvalDays'])
})

test('names of fields stand on lines or between commas, each once', () => {
  expect(read({ hiddenFields: ' pin \r\n\r\napiKey,api_key\n-\nPIN' })).toMatchObject({
    ok: true,
    settings: { hiddenFields: ['pin', 'apiKey'] },
  })
  expect(read({ hiddenFields: '' })).toMatchObject({ ok: true, settings: { hiddenFields: [] } })
})
