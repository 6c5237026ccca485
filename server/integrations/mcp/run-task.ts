// A tool that only runs as a task: the call answers with a task, which is asked for until it is done.
import { ProtocolError, type Client, type RequestOptions } from '@modelcontextprotocol/client'
import { own, ownText, type JsonRecord } from '../json-value.ts'
import { anyResult } from './any-result.ts'

const MIN_POLL_MS = 200
const MAX_POLL_MS = 5000
const INVALID_PARAMS = -32_602
const INTERNAL_ERROR = -32_603

export async function runTask(client: Client, params: JsonRecord, options: RequestOptions): Promise<unknown> {
  const endsAt = Date.now() + (options.maxTotalTimeout ?? 0)
  const ask = (method: string, of: JsonRecord) => client.request({ method, params: of }, anyResult, options)
  const created = await ask('tools/call', params)
  let task = own(created, 'task')
  const taskId = ownText(task, 'taskId')
  // Servers may carry it out at once all the same.
  if (!taskId) return created
  while (ownText(task, 'status') === 'working') {
    const wished = Number(own(task, 'pollInterval')) || MIN_POLL_MS
    await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(wished, MIN_POLL_MS), MAX_POLL_MS)))
    if (Date.now() > endsAt) {
      await ask('tasks/cancel', { taskId }).catch(() => {})
      throw new ProtocolError(INTERNAL_ERROR, 'The task took too long, and was cancelled.')
    }
    task = await ask('tasks/get', { taskId })
  }
  const status = ownText(task, 'status')
  if (status === 'cancelled') throw new ProtocolError(INTERNAL_ERROR, 'The task was cancelled.')
  if (!status) throw new ProtocolError(INVALID_PARAMS, 'The server does not know the task any more.')
  // Of a task that waits for a person, this brings the question, and afterwards the result; of a failed one, the error.
  return ask('tasks/result', { taskId })
}
