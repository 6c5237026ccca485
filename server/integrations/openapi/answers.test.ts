// The whole table of answers, read in workerd, whose `fetch` is not Node's. The servers are vitest.config.ts's.
import { inject } from 'vitest'
import { testAnswers } from '../../testing/answers/test-answers.ts'

testAnswers('inWorkerd', (name) => inject('answerPorts')[name])
