/** What to have at hand before connecting, and where it is made. */
export function NeededCredential({ text, url }: { text: string; url: string }) {
  return (
    <p className="text-[0.9375rem]">
      You need: {text}{' '}
      <a href={url} target="_blank" rel="noreferrer" className="text-accent underline underline-offset-4">
        More about it
      </a>
    </p>
  )
}
