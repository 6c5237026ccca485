import { data, Form, redirect } from 'react-router'
import type { PolicyAction, ToolErrorShape } from '../../../drizzle/shapes.ts'
import { appContext } from '../../../server/context.ts'
import { type DescribedTool, describeTool } from '../../../server/tools/describe.ts'
import { Address } from '../../ui/address.tsx'
import { Badge, DecisionBadge, EffectBadge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { ErrorSummary } from '../../ui/error-summary.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Card, Fact, Facts, Page, Section } from '../../ui/page.tsx'
import { Prose } from '../../ui/prose.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { refuseMember } from '../admin-only.ts'
import { formText } from '../form.ts'
import { ACTION_CHOICES } from '../policies/rule-form.tsx'
import { setRuleFor } from '../policies/save-rule.ts'
import type { Route } from './+types/detail'
import { exampleCall } from './example-call.ts'

/** What agents are told about an unknown tool names the nearest one; about an unknown integration, only what they can do. */
function notFound(address: string, error: ToolErrorShape) {
  return data(error.code === 'unknown_tool' ? error.message : `There is no tool ${address}.`, { status: 404 })
}

export async function loader({ context, params, request }: Route.LoaderArgs) {
  const { db, origin, principal } = context.get(appContext)
  const found = await describeTool({ db, origin }, { principal, address: params.address, showBlocked: true })
  if (!found.ok) throw notFound(params.address, found.error)
  const { inputSchema, outputSchema, definitions, ...tool } = found.tool
  return {
    isAdmin: principal.isAdmin,
    isSaved: new URL(request.url).searchParams.get('notice') === 'saved',
    tool,
    example: exampleCall(tool.address, inputSchema, definitions),
    inputSchema: JSON.stringify(inputSchema, null, 2),
    outputSchema: outputSchema === null ? null : JSON.stringify(outputSchema, null, 2),
  }
}

export async function action({ context, params, request }: Route.ActionArgs) {
  const { db, origin, principal } = context.get(appContext)
  const refusal = refuseMember(principal, 'change policies')
  if (refusal) throw refusal
  const found = await describeTool({ db, origin }, { principal, address: params.address, showBlocked: true })
  if (!found.ok) throw notFound(params.address, found.error)
  const saved = await setRuleFor({ db, principal }, params.address, formText(await request.formData(), 'action'))
  if (!saved.ok) return data({ errors: saved.errors }, { status: 422 })
  return redirect(`/tools/${encodeURIComponent(params.address)}?notice=saved#main`)
}

export const meta: Route.MetaFunction = ({ params }) => [{ title: `${params.address} · Executor` }]

export default function Tool({ loaderData, actionData }: Route.ComponentProps) {
  const { tool, example, inputSchema, outputSchema, isAdmin, isSaved } = loaderData
  return (
    <Page
      title={
        <span className="text-xl sm:text-2xl">
          <Address text={tool.address} />
        </span>
      }
      parent={{ to: `/integrations/${tool.integration.slug}#tools`, label: tool.integration.title }}
      lead={tool.summary}
    >
      {isSaved && <Notice>The rule for this tool is in force.</Notice>}
      <ErrorSummary errors={actionData?.errors} />
      <Policy tool={tool} isAdmin={isAdmin} />
      <Facts>
        <Fact name="Effect">
          <EffectBadge effect={tool.effect} />
        </Fact>
        <Fact name="Operation">
          <span className="font-mono text-sm">{tool.operation}</span>
        </Fact>
        <Fact name="Connection">
          <ConnectionFact tool={tool} />
        </Fact>
        <Fact name="State">{tool.isDeprecated && <Badge>deprecated</Badge>}</Fact>
      </Facts>
      {tool.description !== '' && tool.description !== tool.summary && (
        <Section title="Description">
          <Prose text={tool.description} />
        </Section>
      )}
      <Section title="Example">
        <CodeBlock label="Example call" caption="Code for execute" text={example} />
      </Section>
      <Section title="Types">
        <CodeBlock label="Types" caption="TypeScript" text={tool.typescript} isTall />
      </Section>
      <Section title="Schemas">
        <Schema label="Input schema" text={inputSchema} />
        {outputSchema !== null && <Schema label="Output schema" text={outputSchema} />}
      </Section>
    </Page>
  )
}

type ShownTool = Route.ComponentProps['loaderData']['tool']

function Policy({ tool, isAdmin }: { tool: ShownTool; isAdmin: boolean }) {
  const { action, sentence, because } = tool.decision
  return (
    <Card>
      <div className="space-y-4">
        <div className="space-y-1.5">
          <h2 className="text-sm text-muted">Policy</h2>
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
            <DecisionBadge action={action} />
            <span className="text-[0.9375rem] wrap-anywhere">
              {sentence}{' '}
              {because.kind === 'rule' && isAdmin && (
                <TextLink to={`/policies/${because.rule.id}`}>Change this rule</TextLink>
              )}
            </span>
          </p>
        </div>
        {isAdmin && <RuleButtons current={action} address={tool.address} because={because} />}
      </div>
    </Card>
  )
}

function RuleButtons({
  current,
  address,
  because,
}: {
  current: PolicyAction
  address: string
  because: DescribedTool['decision']['because']
}) {
  const isOwnRule = because.kind === 'rule' && because.rule.pattern === address
  return (
    <Form method="post" aria-label="Rule for this tool" className="flex flex-wrap items-center gap-3">
      <span className="text-sm text-muted max-sm:basis-full">For this tool alone:</span>
      {ACTION_CHOICES.filter(({ value }) => !(isOwnRule && value === current)).map(({ value, label }) => (
        <Button key={value} name="action" value={value} weight={value === 'block' ? 'danger' : 'secondary'}>
          {label}
        </Button>
      ))}
    </Form>
  )
}

function ConnectionFact({ tool }: { tool: ShownTool }) {
  const { connection, integration } = tool
  if (connection.isReady) {
    if (connection.id === null) return 'None is needed'
    return (
      <TextLink to={`/connections/${connection.id}`} className="font-mono text-sm">
        {integration.slug}@{connection.slug}
      </TextLink>
    )
  }
  switch (connection.problem.code) {
    case 'connection_missing':
      return (
        <>
          You have none. <TextLink to={`/connections/new?integration=${integration.slug}`}>Add a connection</TextLink>
        </>
      )
    case 'connection_ambiguous':
      return (
        <>
          There are several and no default, so each call has to name one.{' '}
          <TextLink to={`/integrations/${integration.slug}#connections`}>See the connections</TextLink>
        </>
      )
    default:
      return connection.problem.message
  }
}

function Schema({ label, text }: { label: string; text: string }) {
  return (
    <details className="rounded-xl border border-line bg-surface">
      <summary className="disclosure rounded-xl px-5 py-3 text-sm font-medium hover:bg-sunken">{label}</summary>
      <div className="px-5 pb-5">
        <CodeBlock label={label} caption="JSON Schema" text={text} isTall />
      </div>
    </details>
  )
}
