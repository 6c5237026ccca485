// In front of two Executors on one database: a header says which one answers.
interface Bindings {
  A: Fetcher
  B: Fetcher
}

export default {
  fetch: (request, { A, B }) => (request.headers.get('x-executor') === 'b' ? B : A).fetch(request),
} satisfies ExportedHandler<Bindings>
