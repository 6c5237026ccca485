// Documents as large as the importer takes, made piece by piece so that whoever reads them decides what lies in memory.

/**
 * An OpenAPI document in block YAML, in chunks of some 2.5 KB per operation: 16,000 operations make 40 MB. It has what
 * makes YAML hard to take apart: anchors that are used by other operations, merges, texts with colons, quotes and hashes in
 * every style, keys in quotes, lists as far left as their key, and comments.
 */
export function* largeYaml({ operations }: { operations: number }): Generator<Uint8Array> {
  const encoder = new TextEncoder()
  yield encoder.encode(HEAD)
  const schemas = Math.ceil(operations / 16)
  for (let number = 0; number < operations; number += 2) {
    const read = pathItem(number, (number / 2) % schemas)
    yield encoder.encode(number + 1 < operations ? read + create(number + 1) : read)
  }
  yield encoder.encode('components:\n  schemas:\n')
  for (let number = 0; number < schemas; number++) yield encoder.encode(schema(number, (number + 1) % schemas))
  yield encoder.encode(TAIL)
}

const HEAD = `# Made for measuring.
openapi: 3.1.0
info:
  title: "Warehouse: the large one"
  version: '1.0'
  description: |
    Every part of a warehouse, as a resource.

      paths:
        /not/a/path: # nor a comment
servers:
- url: https://warehouse.example.com/v1
x-shared:
  errors: &errors
    '401':
      $ref: '#/components/responses/Problem'
    '404': {$ref: '#/components/responses/Problem'}
  page: &page
  - {name: page, in: query, schema: {type: integer, minimum: 1}}
  - name: size
    in: query
    schema:
      type: integer
paths:
`

const TAIL = `  responses:
    Problem:
      description: Something is wrong.
      content:
        application/problem+json:
          schema: {type: object, properties: {title: {type: string}, status: {type: integer}}}
`

function pathItem(number: number, schemaNumber: number): string {
  return `  # Shelf ${number}
  ${number % 4 === 0 ? `"/shelves/${number}/{part}"` : `/shelves/${number}/{part}`}:
    parameters:
    - name: part
      in: path
      required: true
      description: The part's number; it is printed on the label, and looks like "AB-12:${number}" # or so.
      schema: {type: string, pattern: '^[A-Z]{2}-[0-9]+:[0-9]+$'}
    get:
      operationId: getShelf${number}
      summary: Reads part of shelf ${number}
      description: >-
        Answers one part of a shelf, as it was counted last. What is missing is left out: the count is not
        estimated. "Quotes", # hashes and - dashes are parts of this text, which is folded over several lines.


        A second paragraph, so that the text is as long as those that people write, tells about the rights
        that are needed, the limits that apply, and where to read on about both of them.

        Counting a part takes as long as it takes: the answer comes when it is done, and not before. Parts that
        are counted at the same time by several people are counted once for each of them; what they found is
        kept side by side, and the one that was entered last is shown first. A count that differs by more than a
        tenth from the one before it is marked, and has to be confirmed: until then, the old one is shown.
        Whoever confirms it may not be the one who counted. Parts that are on their way belong to the shelf that
        they come from until they have been scanned at the other one, where they appear with a "pending" mark.
      tags: [shelves, "area ${number % 20}"]
      parameters: *page
      responses:
        <<: *errors
        "200": &shelf${number}
          description: 'The part, or what is known of it: "it''s there".'
          headers:
            X-Counted-At:
              description: When it was counted.
              schema:
                type: string
                format: date-time
          content:
            application/json:
              schema:
                type: object
                required: [id, name]
                properties:
                  id: &id${number}
                    type: string
                    description: "Given when it was made,
                      and never: changed"
                    examples: ["AB-12:${number}"]
                  name: {type: string, maxLength: 200}
                  part:
                    $ref: '#/components/schemas/Part${schemaNumber}'
                  labels:
                    type: array
                    items:
                      type: object
                      properties:
                        key: {type: string}
                        value:
                          type: [string, 'null']
                          enum:
                          - red
                          - "green"
                          - 'blue'
                          - null
`
}

function create(number: number): string {
  return `    post:
      operationId: createShelf${number}
      summary: Puts a part on shelf ${number}
      description: |
        Puts a part where it belongs.

        \`\`\`yaml
        paths:
          /this: is an example
        \`\`\`

        It is counted at once. What was there before stays there, and both are counted together from then on. Whoever
        counts them again is named in the answer, with the time and the place of the count.

        Counting a part takes as long as it takes: the answer comes when it is done, and not before. Parts that
        are counted at the same time by several people are counted once for each of them; what they found is
        kept side by side, and the one that was entered last is shown first. A count that differs by more than a
        tenth from the one before it is marked, and has to be confirmed: until then, the old one is shown.
        Whoever confirms it may not be the one who counted. Parts that are on their way belong to the shelf that
        they come from until they have been scanned at the other one, where they appear with a "pending" mark.
      tags:
      - shelves
      - area ${number % 20}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required:
              - name
              properties:
                id: *id${number - 1}
                name:
                  type: string
                  maxLength: 200
                  description: A name that people know the part by, in any language; it need not be unique.
                weight:
                  type: number
                  exclusiveMinimum: 0
                  description: In grams.
                placed_at:
                  type: string
                  format: date-time
                  description: |-
                    When it was put there; now, when it is left out.
                      A time in the future is refused.
                notes:
                  type: array
                  items: {type: string, maxLength: 2000}
      responses:
        <<: *errors
        '201': *shelf${number - 1}
        default:
          description: Something else.
`
}

function schema(number: number, next: number): string {
  return `    Part${number}:
      type: object
      description: Part ${number} of the warehouse.
      required: [number]
      properties:
        number:
          type: integer
          const: ${number}
        next:
          $ref: '#/components/schemas/Part${next}'
        measures:
          type: object
          properties:
            width: &width${number} {type: number, minimum: 0}
            height: *width${number}
            depth: *width${number}
`
}
