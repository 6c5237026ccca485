// What an agent reads: the outcome of a run as MCP content. All texts together stay under 24 KB, and files under 4 MiB;
// what is cut says so, and how to read on.
import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/server'
import type { RunErrorShape } from '../../drizzle/shapes.ts'
import type { EndedWithout, RunOutcome } from '../runs/outcome.ts'
import { FileValue } from '../sandbox/file.ts'
import { listCalls } from './call-list.ts'
import { describeUnfinished } from './unfinished.ts'

const textLimit = 24 * 1024
/** Of it, for the sentences around what is shown. */
const aroundLimit = 512
/** Of it, kept for what the program logged, as far as that needs it. */
const logsShare = 4 * 1024
const detailsLimit = 4 * 1024
const filesLimit = 4 * 1024 * 1024

/** What may still be shown, in bytes. */
interface Room {
  text: number
  files: number
}

export function renderOutcome(outcome: RunOutcome): CallToolResult {
  const logs = outcome.logs.trimEnd()
  const forLogs = Math.min(logsShare, utf8Length(logs))
  const room: Room = { text: textLimit - aroundLimit - forLogs, files: filesLimit }
  const content: ContentBlock[] = [renderState(outcome, room)]
  for (const [index, value] of outcome.emitted.entries()) {
    if (room.text <= 0) {
      content.push(text(`[${outcome.emitted.length - index} more emitted values are not shown]`))
      break
    }
    content.push(value instanceof FileValue ? renderFile(value, outcome.run, room) : text(take(asText(value), room)))
  }
  room.text = Math.max(0, room.text) + forLogs
  if (logs !== '') content.push(text(`Logs:\n${take(logs, room)}`))
  return { content, isError: hasEndedWithout(outcome), _meta: { run: outcome.run } }
}

/** An answer of Executor's own that nothing was done. */
export function refuse(code: string, message: string): CallToolResult {
  return { content: [text(`${code}: ${message}`)], isError: true }
}

function renderState(outcome: RunOutcome, room: Room): ContentBlock {
  if (outcome.state === 'succeeded') return renderValue(outcome.value, outcome.run, room)
  if (!hasEndedWithout(outcome)) return text(take(describeUnfinished(outcome), room))
  // A program that failed is corrected and run anew. Every other end is somebody's word, or nobody's fault in the code.
  const end = outcome.state === 'failed' ? [] : [`The run has ended as ${outcome.state}; it cannot be resumed.`]
  const tail = [...end, ...listCalls(outcome.calls)].map((line) => `\n${line}`).join('')
  // What was done matters most and is short: an error that is long is cut to leave room for it.
  const error = shorten(renderError(outcome.error), room.text - utf8Length(tail))
  return text(take(`${error}${tail}`, room))
}

function hasEndedWithout(outcome: RunOutcome): outcome is Extract<RunOutcome, { state: EndedWithout }> {
  return outcome.state !== 'succeeded' && outcome.state !== 'waiting' && outcome.state !== 'running'
}

function renderValue(value: unknown, run: string, room: Room): ContentBlock {
  if (value instanceof FileValue) return renderFile(value, run, room)
  if (value === undefined) return text('undefined (the code returned nothing)')
  const whole = asText(value)
  const shown = take(whole, room)
  if (shown === whole) return text(whole)
  const kilobytes = Math.ceil(utf8Length(whole) / 1024)
  return text(`${shown}\n[This is the beginning of ${kilobytes} KB. All of it, in code: await results.get("${run}")]`)
}

/** `code: message`, where it happened in the agent's own code, and what the upstream said. */
function renderError(error: RunErrorShape): string {
  const parts = [`${error.code}: ${error.message}`]
  if (error.line !== undefined) parts.push(`At line ${error.line}, column ${error.column ?? 1}:`)
  if (error.frame !== undefined) parts.push(error.frame)
  if (error.status !== undefined) parts.push(`Status: ${error.status}`)
  // The details of our own refusals are in their messages.
  if (error.status !== undefined && error.details !== undefined) {
    parts.push(`Details: ${shorten(asText(error.details), detailsLimit)}`)
  }
  if (error.retryable === true) parts.push('The same call may succeed later.')
  return parts.join('\n')
}

/** A file by its type: what a model can see or hear as that, text as text, everything else as a resource. */
function renderFile(file: FileValue, run: string, room: Room): ContentBlock {
  const { name, bytes } = file
  const type = file.type.split(';')[0]?.trim().toLowerCase() || 'application/octet-stream'
  const uri = `executor://runs/${run}/files/${encodeURIComponent(name || 'file')}`
  if (type.startsWith('text/') || /[/+](?:json|xml|yaml)$/.test(type)) {
    return { type: 'resource', resource: { uri, mimeType: type, text: take(new TextDecoder().decode(bytes), room) } }
  }
  if (bytes.byteLength > room.files) {
    return text(`[The file ${name} (${type}, ${bytes.byteLength} bytes) is too large to show]`)
  }
  room.files -= bytes.byteLength
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  if (/^image\/(?:png|jpeg|gif|webp)$/.test(type)) return { type: 'image', data, mimeType: type }
  if (type.startsWith('audio/')) return { type: 'audio', data, mimeType: type }
  return { type: 'resource', resource: { uri, mimeType: type, blob: data } }
}

/** A file inside of a value is shown as its name, type and size. */
function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

/** As much of a text as there is room for. */
function take(whole: string, room: Room): string {
  const shown = shorten(whole, room.text)
  room.text -= utf8Length(shown)
  return shown
}

/** The text within `bytes` of UTF-8, marked where it was cut. */
function shorten(whole: string, bytes: number): string {
  if (whole.length * 3 <= bytes || utf8Length(whole) <= bytes) return whole
  const mark = '…'
  const { read } = new TextEncoder().encodeInto(whole, new Uint8Array(Math.max(0, bytes - utf8Length(mark))))
  return `${whole.slice(0, read)}${mark}`
}

function utf8Length(whole: string): number {
  return new TextEncoder().encode(whole).byteLength
}

function text(content: string): ContentBlock {
  return { type: 'text', text: content }
}
