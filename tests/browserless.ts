// Somebody of the office at a running program, without a browser: cookies, forms, uploads.

/** Keeps cookies from one request to the next; follows no redirect by itself. */
export class Client {
  readonly #cookies = new Map<string, string>();

  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("cookie", [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    headers.set("sec-fetch-site", "same-origin");
    const response = await fetch(url, { redirect: "manual", ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
      this.#cookies.set(name, value);
    }
    return response;
  }

  async text(url: string): Promise<string> {
    return await (await this.ask(url)).text();
  }

  /** Posts a form and gives the status. */
  async post(
    url: string,
    body: URLSearchParams | FormData = new URLSearchParams(),
  ): Promise<number> {
    const response = await this.ask(url, { method: "POST", body });
    await response.body?.cancel();
    return response.status;
  }

  signIn(url: string): Promise<number> {
    const body = new URLSearchParams({ username: "office", password: "demo-office-2026" });
    return this.post(`${url}/sign-in`, body);
  }

  /** Uploads a file for Import (Excel). */
  upload(url: string, name: string, text: string): Promise<number> {
    const body = new FormData();
    body.set("file", new File([text], name));
    return this.post(`${url}/excel-imports`, body);
  }
}

/** Asks until the answer is what is waited for. @param seconds after which it gives up */
export async function eventually<T>(
  ask: () => Promise<T>,
  isThere: (answer: T) => boolean,
  seconds = 60,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (isThere(answer)) return answer;
    if (Date.now() > end) {
      throw new Error(`not within ${seconds} s; last: ${JSON.stringify(answer)}`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}
