// Calls of the desk's API. What goes wrong is a Refusal (the desk said no) or a LostConnection.
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
export class LostConnection extends Error {}

let csrf = document.querySelector('meta[name="csrf"]').content;

async function once(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: { "content-type": "application/json", "x-csrf-token": csrf },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(20000),
    });
  } catch (error) {
    throw new LostConnection(String(error));
  }
  if ([500, 502, 503, 504].includes(answer.status)) throw new LostConnection(`status ${answer.status}`);
  let said;
  try {
    said = await answer.json();
  } catch (error) {
    throw new LostConnection(String(error));
  }
  if (answer.ok) return said;
  throw new Refusal(answer.status, said.error?.code ?? "", said.error?.message ?? `status ${answer.status}`);
}

export async function call(method, path, body) {
  try {
    return await once(method, path, body);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 403 || method === "GET") throw error;
    // Signed in again in another window: what proves the session is another one now.
    const me = await once("GET", "/api/me");
    if (me.csrf === csrf) throw error;
    csrf = me.csrf;
    return once(method, path, body);
  }
}
