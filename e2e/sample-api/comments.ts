import { z } from 'zod'
import { jsonBody } from './body-format.ts'
import { operation } from './operation.ts'
import { created, invalid, noContent, notFound, ok } from './reply.ts'
import { ticketParams } from './ticket.ts'

export const Comment = z
  .object({
    id: z.string().describe('For example `com_31`.'),
    ticket_number: z.int(),
    author_id: z.string(),
    body: z.string().describe('Markdown.'),
    created_at: z.iso.datetime(),
    edited_at: z.iso.datetime().nullable().describe('Null when it was never edited.'),
  })
  .meta({ id: 'Comment', description: 'What somebody said about a ticket.' })
export type Comment = z.infer<typeof Comment>

const CommentCreate = z
  .strictObject({ author_id: z.string(), body: z.string().min(1).max(10_000).describe('Markdown.') })
  .meta({ id: 'CommentCreate' })

const CommentUpdate = CommentCreate.pick({ body: true }).meta({ id: 'CommentUpdate' })
const commentParams = { ...ticketParams, comment_id: z.string().describe('Id of a comment, for example `com_31`.') }
const tag = 'Comments'

export const comments = [
  operation({
    id: 'comments/list',
    method: 'get',
    path: '/tickets/{ticket_number}/comments',
    tag,
    summary: 'List the comments of a ticket',
    description: 'All comments on a ticket, oldest first.',
    params: ticketParams,
    answers: { 200: { description: 'The comments.', schema: z.array(Comment) } },
    refusals: [404],
    handle: ({ params: { ticket_number }, store }) => {
      if (!store.tickets.has(ticket_number)) return notFound('ticket', ticket_number)
      return ok([...store.comments.values()].filter((comment) => comment.ticket_number === ticket_number))
    },
  }),
  operation({
    id: 'comments/create',
    method: 'post',
    path: '/tickets/{ticket_number}/comments',
    tag,
    summary: 'Comment on a ticket',
    description: 'Adds a comment in the name of a person.',
    params: ticketParams,
    body: jsonBody(CommentCreate, { author_id: 'per_007', body: 'Reproduced on the test bench.' }),
    answers: { 201: { description: 'The new comment.', schema: Comment } },
    refusals: [404],
    handle: ({ params: { ticket_number }, body, store }) => {
      if (!store.tickets.has(ticket_number)) return notFound('ticket', ticket_number)
      if (!store.people.has(body.author_id)) return invalid('body.author_id', 'names no person')
      const id = `com_${store.nextNumber('comments')}`
      const comment: Comment = { id, ticket_number, ...body, created_at: store.tick(), edited_at: null }
      store.comments.set(id, comment)
      return created(comment, `/tickets/${ticket_number}/comments/${id}`)
    },
  }),
  operation({
    id: 'comments/update',
    method: 'patch',
    path: '/tickets/{ticket_number}/comments/{comment_id}',
    tag,
    summary: 'Edit a comment',
    description: 'Replaces the text of a comment.',
    params: commentParams,
    body: jsonBody(CommentUpdate, { body: 'Reproduced on the test bench, twice.' }),
    answers: { 200: { description: 'The comment as it is now.', schema: Comment } },
    refusals: [404],
    handle: ({ params: { ticket_number, comment_id }, body, store }) => {
      const comment = store.comments.get(comment_id)
      if (comment?.ticket_number !== ticket_number) return notFound(`comment on ticket ${ticket_number}:`, comment_id)
      return ok(Object.assign(comment, body, { edited_at: store.tick() }))
    },
  }),
  operation({
    id: 'comments/delete',
    method: 'delete',
    path: '/tickets/{ticket_number}/comments/{comment_id}',
    tag,
    summary: 'Delete a comment',
    description: 'Removes a comment for good.',
    params: commentParams,
    answers: { 204: { description: 'The comment is gone.' } },
    refusals: [404],
    handle: ({ params: { ticket_number, comment_id }, store }) => {
      if (store.comments.get(comment_id)?.ticket_number !== ticket_number) {
        return notFound(`comment on ticket ${ticket_number}:`, comment_id)
      }
      store.comments.delete(comment_id)
      return noContent()
    },
  }),
]
