export function loader() {
  return { hello: 'x' }
}
export default function Home() {
  return <h1>Executor</h1>
}
