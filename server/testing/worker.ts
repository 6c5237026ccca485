// What the Vitest pool starts: tests call the functions they test directly, so this Worker answers nothing.
export default {
  fetch: () => new Response('This Worker exists for tests only.', { status: 404 }),
} satisfies ExportedHandler
