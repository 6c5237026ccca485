import { createHash } from 'node:crypto'
import { z } from 'zod'
import { binaryBody, formBody, type Upload } from './body-format.ts'
import { operation } from './operation.ts'
import { created, file, noContent, notFound, ok, problem } from './reply.ts'
import { formatId, type Store } from './store.ts'
import { ticketParams } from './ticket.ts'

export const Attachment = z
  .object({
    id: z.string().describe('For example `att_004`.'),
    ticket_number: z.int(),
    file_name: z.string(),
    content_type: z.string(),
    size_bytes: z.int().min(0),
    sha256: z.string().length(64).describe('Digest of the bytes, in hexadecimal.'),
    note: z.string().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Attachment', description: 'A file on a ticket. Its bytes are at `…/content`.' })
export type Attachment = z.infer<typeof Attachment>

const MAX_BYTES = 5 * 1024 * 1024
const attachmentParams = {
  ...ticketParams,
  attachment_id: z.string().describe('Id of an attachment, for example `att_004`.'),
}
const tag = 'Attachments'

function attach(store: Store, ticket_number: number, { bytes, contentType, fileName }: Upload, note: string | null) {
  if (!store.tickets.has(ticket_number)) return notFound('ticket', ticket_number)
  if (bytes.byteLength > MAX_BYTES)
    return problem(413, `An attachment holds at most ${MAX_BYTES} bytes, not ${bytes.byteLength}.`)
  const id = formatId('att', store.nextNumber('attachments'))
  const attachment = {
    id,
    ticket_number,
    file_name: fileName,
    content_type: contentType,
    size_bytes: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    note,
    created_at: store.tick(),
    bytes,
  }
  store.attachments.set(id, attachment)
  return created(Attachment.parse(attachment), `/tickets/${ticket_number}/attachments/${id}`)
}

export const attachments = [
  operation({
    id: 'attachments/list',
    method: 'get',
    path: '/tickets/{ticket_number}/attachments',
    tag,
    summary: 'List the attachments of a ticket',
    description: 'What is attached to a ticket, without the bytes.',
    params: ticketParams,
    answers: { 200: { description: 'The attachments.', schema: z.array(Attachment) } },
    refusals: [404],
    handle: ({ params: { ticket_number }, store }) => {
      if (!store.tickets.has(ticket_number)) return notFound('ticket', ticket_number)
      const found = [...store.attachments.values()].filter((attachment) => attachment.ticket_number === ticket_number)
      return ok(found.map((attachment) => Attachment.parse(attachment)))
    },
  }),
  operation({
    id: 'attachments/create',
    method: 'post',
    path: '/tickets/{ticket_number}/attachments',
    tag,
    summary: 'Attach a file to a ticket',
    description: 'Uploads a file of at most 5 MiB as a form, with a note if you like.',
    params: ticketParams,
    body: formBody({ note: z.string().max(500).optional().describe('What the file shows.') }, 'A form with the file.'),
    answers: { 201: { description: 'The new attachment.', schema: Attachment } },
    refusals: [404, 413, 415],
    handle: ({ params, body, store }) => attach(store, params.ticket_number, body.file, body.fields.note ?? null),
  }),
  operation({
    id: 'attachments/upload',
    method: 'post',
    path: '/tickets/{ticket_number}/attachments/raw',
    tag,
    summary: 'Attach raw bytes to a ticket',
    description: 'Uploads at most 5 MiB as they are, under a file name; the type is the Content-Type of the request.',
    params: ticketParams,
    query: { file_name: z.string().min(1).max(200).describe('Name for the file, for example `trace.log`.') },
    body: binaryBody('The bytes of the file.'),
    answers: { 201: { description: 'The new attachment.', schema: Attachment } },
    refusals: [404, 413],
    handle: ({ params, query, body, store }) =>
      attach(store, params.ticket_number, { ...body, fileName: query.file_name }, null),
  }),
  operation({
    id: 'attachments/download',
    method: 'get',
    path: '/tickets/{ticket_number}/attachments/{attachment_id}/content',
    tag,
    summary: 'Download an attachment',
    description: 'The bytes of an attachment, with its own type.',
    params: attachmentParams,
    answers: { 200: { description: 'The bytes.', contentType: '*/*' } },
    refusals: [404],
    handle: ({ params: { ticket_number, attachment_id }, store }) => {
      const found = store.attachments.get(attachment_id)
      if (found?.ticket_number !== ticket_number)
        return notFound(`attachment on ticket ${ticket_number}:`, attachment_id)
      return file(found.bytes, found.content_type, found.file_name)
    },
  }),
  operation({
    id: 'attachments/delete',
    method: 'delete',
    path: '/tickets/{ticket_number}/attachments/{attachment_id}',
    tag,
    summary: 'Delete an attachment',
    description: 'Removes a file from a ticket for good.',
    params: attachmentParams,
    answers: { 204: { description: 'The attachment is gone.' } },
    refusals: [404],
    handle: ({ params: { ticket_number, attachment_id }, store }) => {
      if (store.attachments.get(attachment_id)?.ticket_number !== ticket_number) {
        return notFound(`attachment on ticket ${ticket_number}:`, attachment_id)
      }
      store.attachments.delete(attachment_id)
      return noContent()
    },
  }),
]
