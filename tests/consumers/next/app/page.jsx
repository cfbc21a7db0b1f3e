import { Greeting } from './greeting.jsx';

export default function Page() {
  return (
    <main>
      <h1>A page that the server renders</h1>
      <Greeting name="ada" />
    </main>
  );
}
