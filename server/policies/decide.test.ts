import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Action, decide, type Effect, type Question, type Rule } from './decide.ts'

const create = { integration: 'github', name: 'issues.create', effect: 'write' } as const
const list = { integration: 'github', name: 'issues.list', effect: 'read' } as const
const remove = { integration: 'github', name: 'repos.delete', effect: 'destructive' } as const

function rules(...lines: `${string} ${Action}`[]): Rule[] {
  return lines.map((line, index) => {
    const [pattern = '', action = ''] = line.split(' ')
    if (action !== 'allow' && action !== 'require_approval' && action !== 'block') throw new Error(line)
    return { id: `pol_${index}`, pattern, action }
  })
}

test('without a rule reads are allowed and everything else requires approval', () => {
  expect(decide({ rules: [], tool: list })).toMatchObject({ action: 'allow', because: { kind: 'default' } })
  expect(decide({ rules: [], tool: create })).toMatchObject({ action: 'require_approval' })
  expect(decide({ rules: [], tool: remove })).toMatchObject({
    action: 'require_approval',
    because: { kind: 'default', effect: 'destructive' },
  })
})

test('a blocked integration with one allowed tool is an allow-list', () => {
  const allowList = rules('github.* block', 'github.issues.list allow')
  expect(decide({ rules: allowList, tool: list }).action).toBe('allow')
  expect(decide({ rules: allowList, tool: create }).action).toBe('block')
})

test('an allowed connection loosens its integration, but not a block that is neither broader nor narrower', () => {
  const three = rules('github.* block', 'github@sandbox.* allow', 'github.repos.delete block')
  expect(decide({ rules: three, tool: create, connection: 'sandbox' }).action).toBe('allow')
  expect(decide({ rules: three, tool: create, connection: 'work' }).action).toBe('block')
  expect(decide({ rules: three, tool: create }).action).toBe('block')
  expect(decide({ rules: three, tool: remove, connection: 'sandbox' }).action).toBe('block')
})

test('a rule that is overridden by a narrower one has no say, even against a third', () => {
  const three = rules('* block', 'github.* require_approval', '*.list allow')
  expect(decide({ rules: three, tool: list }).action).toBe('require_approval')
})

test('two ways to write the same pattern are equally narrow, so the stricter wins', () => {
  expect(decide({ rules: rules('* allow', '*.* block'), tool: list }).action).toBe('block')
})

test('the deciding rule and a sentence say why', () => {
  const decision = decide({ rules: rules('* allow', 'github.issues.* block'), tool: create })
  expect(decision.because).toEqual({ kind: 'rule', rule: { id: 'pol_1', pattern: 'github.issues.*', action: 'block' } })
  expect(decision.sentence).toBe('The policy github.issues.* blocks this tool.')
})

test('a toolkit can make the result stricter and not looser', () => {
  const blocked = decide({
    rules: rules('github.* block'),
    toolkitRules: rules('github.issues.create allow'),
    tool: create,
  })
  expect(blocked).toMatchObject({ action: 'block', because: { kind: 'rule' } })
  const held = decide({ rules: rules('* allow'), toolkitRules: rules('*.create require_approval'), tool: create })
  expect(held).toMatchObject({ action: 'require_approval', because: { kind: 'toolkit_rule' } })
})

test('a remembered approval allows what requires approval and never what is blocked', () => {
  expect(decide({ rules: [], tool: create, remembered: true })).toMatchObject({
    action: 'allow',
    because: { kind: 'remembered' },
  })
  expect(decide({ rules: rules('* block'), tool: create, remembered: true }).action).toBe('block')
  expect(
    decide({ rules: rules('* allow'), toolkitRules: rules('* block'), tool: create, remembered: true }).action,
  ).toBe('block')
})

test('a changed tool requires approval whatever the rules and memory say, and stays blocked when it is', () => {
  expect(decide({ rules: rules('* allow'), tool: list, needsReview: true })).toMatchObject({
    action: 'require_approval',
    because: { kind: 'needs_review' },
  })
  expect(decide({ rules: [], tool: create, remembered: true, needsReview: true }).action).toBe('require_approval')
  expect(decide({ rules: rules('* block'), tool: list, needsReview: true }).action).toBe('block')
})

test('a stored pattern that cannot be read stops the decision instead of letting the call through', () => {
  expect(() => decide({ rules: [{ id: 'pol_9', pattern: 'git hub', action: 'block' }], tool: list })).toThrow('pol_9')
})

const STRICTNESS: Record<Action, number> = { allow: 0, require_approval: 1, block: 2 }
const anyAction = fc.constantFrom<Action>('allow', 'require_approval', 'block')
const anyRule = fc.record({
  id: fc.string({ minLength: 1, maxLength: 3 }),
  pattern: fc.constantFrom(
    '*',
    'a.*',
    'a.b.*',
    'a.b.c',
    'a@x.*',
    'a@x.b.c',
    '*.c*',
    'a.*.c',
    '*.b.*',
    '*.*',
    'z.*',
    'a.b.c*',
  ),
  action: anyAction,
})
const anyQuestion: fc.Arbitrary<Question> = fc.record({
  rules: fc.array(anyRule, { maxLength: 6 }),
  toolkitRules: fc.array(anyRule, { maxLength: 3 }),
  tool: fc.record({
    integration: fc.constantFrom('a', 'z'),
    name: fc.constantFrom('b.c', 'b.d', 'c', 'b.cc'),
    effect: fc.constantFrom<Effect>('read', 'write', 'destructive'),
  }),
  connection: fc.constantFrom(undefined, 'x', 'y'),
  remembered: fc.boolean(),
  needsReview: fc.boolean(),
})

test('the order of rules never shows, not even in the reason', () => {
  const same = fc.property(
    anyQuestion.chain((question) =>
      fc.tuple(fc.constant(question), fc.shuffledSubarray([...question.rules], { minLength: question.rules.length })),
    ),
    ([question, shuffled]) =>
      JSON.stringify(decide({ ...question, rules: shuffled })) === JSON.stringify(decide(question)),
  )
  expect(fc.check(same)).toMatchObject({ counterexample: null })
})

test('adding a toolkit rule never loosens', () => {
  const never = fc.property(anyQuestion, anyRule, (question, rule) => {
    const more = decide({ ...question, toolkitRules: [...(question.toolkitRules ?? []), rule] })
    return STRICTNESS[more.action] >= STRICTNESS[decide(question).action]
  })
  expect(fc.check(never)).toMatchObject({ counterexample: null })
})

test('nothing that is remembered or under review unblocks a tool, and nothing under review is allowed', () => {
  const holds = fc.property(anyQuestion, (question) => {
    const { action } = decide(question)
    const plain = decide({ ...question, remembered: false, needsReview: false })
    return (plain.action !== 'block' || action === 'block') && !(question.needsReview && action === 'allow')
  })
  expect(fc.check(holds)).toMatchObject({ counterexample: null })
})
