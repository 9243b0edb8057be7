import { type Context } from 'hono';
import { html } from 'hono/html';

/** A whole page. What is in `content` is escaped already: it comes from `html`. */
export async function page(c: Context, status: number, title: string, content: unknown): Promise<Response> {
  return await c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>Countersign: ${title}</title>
        </head>
        <body>
          <main>
            <h1>${title}</h1>
            ${content}
          </main>
        </body>
      </html>`,
    status as 200,
  );
}

export async function sentence(c: Context, status: number, title: string, words: string): Promise<Response> {
  return await page(c, status, title, html`<p>${words}</p>`);
}
