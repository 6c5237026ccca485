// A Discovery document as those of Google Cloud are: everything is named by one value of several segments.
import { common, inPath, inQuery } from './google-documents.ts'

const secret = {
  path: 'v1/{+name}',
  flatPath: 'v1/projects/{projectsId}/secrets/{secretsId}',
  parameters: { name: { ...inPath, pattern: '^projects/[^/]+/secrets/[^/]+$' } },
  response: { $ref: 'Secret' },
}

export const safe = {
  ...common,
  id: 'safe:v1',
  name: 'safe',
  version: 'v1',
  title: 'Safe API',
  description: 'Keeps secrets.',
  rootUrl: 'https://safe.googleapis.com/',
  servicePath: '',
  fullyEncodeReservedExpansion: true,
  schemas: {
    Secret: {
      id: 'Secret',
      type: 'object',
      properties: { name: { type: 'string' }, labels: { type: 'object', additionalProperties: { type: 'string' } } },
    },
  },
  resources: {
    projects: {
      resources: {
        secrets: {
          methods: {
            get: { ...secret, id: 'safe.projects.secrets.get', httpMethod: 'GET' },
            patch: {
              ...secret,
              id: 'safe.projects.secrets.patch',
              httpMethod: 'PATCH',
              parameters: { ...secret.parameters, updateMask: { ...inQuery, format: 'google-fieldmask' } },
              request: { $ref: 'Secret' },
            },
          },
          resources: {
            versions: {
              methods: {
                get: {
                  id: 'safe.projects.secrets.versions.get',
                  path: 'v1/{+name}',
                  flatPath: 'v1/projects/{projectsId}/secrets/{secretsId}/versions/{versionsId}',
                  httpMethod: 'GET',
                  parameters: { name: { ...inPath, pattern: '^projects/[^/]+/secrets/[^/]+/versions/[^/]+$' } },
                  response: { $ref: 'Secret' },
                },
                access: {
                  id: 'safe.projects.secrets.versions.access',
                  path: 'v1/{+name}:access',
                  flatPath: 'v1/projects/{projectsId}/secrets/{secretsId}/versions/{versionsId}:access',
                  httpMethod: 'GET',
                  parameters: { name: inPath },
                  response: { $ref: 'Secret' },
                },
              },
            },
          },
        },
      },
    },
  },
}
