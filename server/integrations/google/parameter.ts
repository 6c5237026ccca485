// A method's parameters as those of an HTTP operation.
import { isRecord, own, ownEntries, ownList, ownText, type JsonRecord } from '../json-value.ts'
import type { ParameterModel } from '../openapi/operation-model.ts'
import { parameterSchema, type Refer } from './schema.ts'

/**
 * In the order that the method's own list gives them, what is deprecated last. `shared` are the names of what every
 * method of the API takes, which is left out: how the answer is written, and credentials.
 */
export function readParameters(
  method: unknown,
  pathNames: readonly string[],
  shared: ReadonlySet<string>,
  refer: Refer,
): ParameterModel[] {
  const order = ownList(method, 'parameterOrder')
  const rank = ([name, raw]: [string, unknown]) =>
    order.includes(name) ? order.indexOf(name) : order.length + Number(own(raw, 'deprecated') === true)
  const isShared = (name: string) => name === 'key' || (shared.has(name) && name !== 'fields')
  const declared = new Map(ownEntries(method, 'parameters').filter(([name, raw]) => name !== '' && isRecord(raw)))
  for (const name of pathNames) if (!declared.has(name)) declared.set(name, { type: 'string', location: 'path' })
  return [...declared]
    .filter(([name, raw]) => pathNames.includes(name) || (ownText(raw, 'location') !== 'path' && !isShared(name)))
    .sort((a, b) => rank(a) - rank(b))
    .map(([name, raw]) => {
      // The schema has the description, with what its values mean.
      const parameter = queryParameter(name, '', parameterSchema(raw, refer))
      const isPath = pathNames.includes(name)
      return {
        ...parameter,
        ...(isPath ? { in: 'path', style: 'simple', explode: false } : {}),
        isRequired: isPath || own(raw, 'required') === true,
        isDeprecated: own(raw, 'deprecated') === true,
      }
    })
}

/** Before what may be left out: a signature may not have room for all of that. */
export function insertParameter(parameters: ParameterModel[], parameter: ParameterModel): void {
  const at = parameters.findIndex(({ isRequired }) => !isRequired)
  parameters.splice(at < 0 ? parameters.length : at, 0, parameter)
}

/** One that may be left out. */
export function queryParameter(name: string, description: string, schema: JsonRecord): ParameterModel {
  return {
    name,
    in: 'query',
    isRequired: false,
    isDeprecated: false,
    description,
    schema,
    style: 'form',
    explode: true,
    allowReserved: false,
    mediaType: null,
    encoding: {},
  }
}
