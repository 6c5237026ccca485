// Discovery documents, small and invented, that have what Google's own have.
import type { Source } from '../integrations/adapter.ts'
import { bytesOf } from '../integrations/byte-sequence.ts'

export const inQuery = { type: 'string', location: 'query' }
/** What every document says alike, with the parameters that every method has. */
export const common = {
  kind: 'discovery#restDescription',
  discoveryVersion: 'v1',
  protocol: 'rest',
  parameters: {
    alt: { ...inQuery, enum: ['json', 'media', 'proto'], default: 'json' },
    fields: { ...inQuery, description: 'Selector specifying a subset of fields.' },
    key: inQuery,
    oauth_token: inQuery,
    access_token: inQuery,
    prettyPrint: { type: 'boolean', default: 'true', location: 'query' },
    quotaUser: inQuery,
    uploadType: inQuery,
    '$.xgafv': { ...inQuery, enum: ['1', '2'] },
  },
}

const SCOPE = 'https://www.googleapis.com/auth'
export const inPath = { type: 'string', required: true, location: 'path' }
const ofUser = { userId: inPath }
const ofFile = { fileId: inPath }

/** Mail: nested resources, an upload of messages, a response that is a list with pages. */
export const post = {
  ...common,
  id: 'post:v1',
  name: 'post',
  version: 'v1',
  revision: '20260401',
  title: 'Post API',
  description: 'Reads and sends letters.',
  rootUrl: 'https://post.googleapis.com/',
  mtlsRootUrl: 'https://post.mtls.googleapis.com/',
  servicePath: '',
  baseUrl: 'https://post.googleapis.com/',
  batchPath: 'batch',
  auth: {
    oauth2: {
      scopes: {
        [`${SCOPE}/post`]: { description: 'Read, write and send letters' },
        [`${SCOPE}/post.readonly`]: { description: 'Read letters' },
        [`${SCOPE}/post.unused`]: { description: 'Nothing asks for it' },
      },
    },
  },
  schemas: {
    Letter: {
      id: 'Letter',
      type: 'object',
      description: 'A letter.',
      properties: {
        id: { type: 'string', readOnly: true },
        threadId: { type: 'string', annotations: { required: ['post.users.letters.import'] } },
        size: { type: 'string', format: 'int64', description: 'In bytes.' },
        raw: { type: 'string', format: 'byte' },
        replies: { type: 'array', items: { $ref: 'Letter' } },
        headers: { type: 'object', additionalProperties: { type: 'string' } },
        extra: { type: 'any' },
      },
    },
    ListLettersResponse: {
      id: 'ListLettersResponse',
      type: 'object',
      properties: {
        letters: { type: 'array', items: { $ref: 'Letter' } },
        nextPageToken: { type: 'string' },
      },
    },
  },
  resources: {
    users: {
      methods: {
        getProfile: {
          id: 'post.users.getProfile',
          path: 'post/v1/users/{userId}/profile',
          httpMethod: 'GET',
          description: "Gets the user's profile.",
          parameters: { userId: { ...inPath, default: 'me' }, key: inQuery, alt: inQuery },
          parameterOrder: ['userId'],
          response: { $ref: 'Letter' },
          scopes: [`${SCOPE}/post`, `${SCOPE}/post.readonly`],
        },
      },
      resources: {
        letters: {
          methods: {
            list: {
              id: 'post.users.letters.list',
              path: 'post/v1/users/{userId}/letters',
              flatPath: 'post/v1/users/{userId}/letters',
              httpMethod: 'GET',
              description: 'Lists the letters. At most 500 of them.',
              parameters: {
                pageToken: { type: 'string', location: 'query', description: 'Page token.' },
                maxResults: {
                  type: 'integer',
                  format: 'uint32',
                  default: '100',
                  minimum: '1',
                  maximum: '500',
                  location: 'query',
                },
                labelIds: { type: 'string', repeated: true, location: 'query' },
                includeSpam: { type: 'boolean', default: 'false', location: 'query' },
                order: {
                  type: 'string',
                  enum: ['NEWEST', 'OLDEST'],
                  enumDescriptions: ['Newest first.', 'Oldest first.'],
                  location: 'query',
                  description: 'What comes first.',
                },
                q: { type: 'string', deprecated: true, location: 'query' },
                userId: inPath,
              },
              parameterOrder: ['userId'],
              response: { $ref: 'ListLettersResponse' },
              scopes: [`${SCOPE}/post`, `${SCOPE}/post.readonly`],
            },
            import: {
              id: 'post.users.letters.import',
              path: 'post/v1/users/{userId}/letters/import',
              httpMethod: 'POST',
              description: 'Imports a letter.',
              parameters: ofUser,
              request: { $ref: 'Letter' },
              response: { $ref: 'Letter' },
              scopes: [`${SCOPE}/post`],
            },
            send: {
              id: 'post.users.letters.send',
              path: 'post/v1/users/{userId}/letters/send',
              httpMethod: 'POST',
              description: 'Sends a letter.',
              parameters: ofUser,
              request: { $ref: 'Letter' },
              response: { $ref: 'Letter' },
              scopes: [`${SCOPE}/post`],
              supportsMediaUpload: true,
              mediaUpload: {
                accept: ['message/*'],
                maxSize: '36700160',
                protocols: {
                  simple: { multipart: true, path: '/upload/post/v1/users/{userId}/letters/send' },
                  resumable: { multipart: true, path: '/resumable/upload/post/v1/users/{userId}/letters/send' },
                },
              },
            },
            delete: {
              id: 'post.users.letters.delete',
              path: 'post/v1/users/{userId}/letters/{id}',
              httpMethod: 'DELETE',
              description: 'Deletes a letter.',
              deprecated: true,
              parameters: { id: inPath, ...ofUser },
              parameterOrder: ['userId', 'id'],
              scopes: [`${SCOPE}/post`],
            },
            search: {
              id: 'post.users.letters.search',
              path: 'post/v1/users/{userId}/letters:search',
              httpMethod: 'POST',
              description: 'Searches letters.',
              parameters: ofUser,
              request: { $ref: 'Letter' },
              response: { $ref: 'ListLettersResponse' },
            },
          },
        },
      },
    },
  },
}

/** A store of files: content goes up and down, all of it below a path of the shared host. */
export const shelf = {
  ...common,
  id: 'shelf:v3',
  name: 'shelf',
  version: 'v3',
  title: 'Shelf API',
  description: 'Keeps files.',
  rootUrl: 'https://www.googleapis.com/',
  servicePath: 'shelf/v3/',
  auth: { oauth2: { scopes: { [`${SCOPE}/shelf`]: { description: 'All files' } } } },
  schemas: {
    File: { id: 'File', type: 'object', properties: { id: { type: 'string' }, name: { type: 'string' } } },
    Letter: { id: 'Letter', type: 'object', properties: { shelf: { type: 'integer', format: 'int32' } } },
  },
  methods: {
    about: { id: 'shelf.about', path: 'about', httpMethod: 'GET', response: { $ref: 'Letter' } },
  },
  resources: {
    files: {
      methods: {
        create: {
          id: 'shelf.files.create',
          path: 'files',
          httpMethod: 'POST',
          description: 'Creates a file.',
          apiVersion: '2026-04-01',
          request: { $ref: 'File' },
          response: { $ref: 'File' },
          scopes: [`${SCOPE}/shelf`],
          mediaUpload: {
            accept: ['*/*'],
            maxSize: '20MB',
            protocols: {
              simple: { multipart: true, path: '/upload/shelf/v3/files' },
              resumable: { multipart: true, path: '/resumable/upload/shelf/v3/files' },
            },
          },
        },
        get: {
          id: 'shelf.files.get',
          path: 'files/{fileId}',
          httpMethod: 'GET',
          description: "Gets a file's metadata or content.",
          parameters: ofFile,
          response: { $ref: 'File' },
          scopes: [`${SCOPE}/shelf`],
          supportsMediaDownload: true,
          useMediaDownloadService: true,
        },
        export: {
          id: 'shelf.files.export',
          path: 'files/{fileId}/export',
          httpMethod: 'GET',
          description: 'Exports a document.',
          parameters: { ...ofFile, mimeType: { type: 'string', required: true, location: 'query' } },
          scopes: [`${SCOPE}/shelf`],
          supportsMediaDownload: true,
        },
        setPicture: {
          id: 'shelf.files.setPicture',
          path: 'files/{fileId}/picture',
          httpMethod: 'POST',
          parameters: ofFile,
          mediaUpload: {
            accept: ['image/png', 'image/jpeg'],
            maxSize: '1KB',
            protocols: { simple: { path: '/upload/shelf/v3/files/{fileId}/picture' } },
          },
        },
      },
    },
  },
}

/** Documents as the files of a source; text stays as it is. */
export function googleSource(...documents: (object | string)[]): Source {
  const text = (document: object | string) => (typeof document === 'string' ? document : JSON.stringify(document))
  return {
    documents: documents.map((document) => ({ bytes: bytesOf([new TextEncoder().encode(text(document))]) })),
    referenced: [],
  }
}
