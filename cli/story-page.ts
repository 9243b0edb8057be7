import { escapeHtml } from '../domain/escape-html';
import { visibleText } from '../domain/visible-text';
import { type Story } from '../evidence/story';
import { type Chapter } from './chapter';
import { storyChapters } from './story-chapters';

const STYLE = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.4rem; } h2 { font-size: 1rem; margin: 2rem 0 .4rem; }
  dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .25rem 1.25rem; margin: 0; }
  dt { opacity: .65; overflow-wrap: anywhere; max-width: 16rem; }
  dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
  .bad { color: #c0262d; font-weight: 600; }`;

/** The story as one file that needs nothing else and runs nothing: no script, no address outside itself. */
export function storyPage(story: Story): string {
  const { action, asked, outcome, proof, unknown } = story;
  const title = `${asked?.type ?? 'An action'}: ${outcome?.ending ?? 'not ended yet'}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${shown(title)}</title>
<style>${STYLE}
</style>
</head>
<body>
<h1>${shown(title)}</h1>
<p>${shown(action)}</p>
${proof.verified ? '' : '<p class="bad">The ledger failed verification: do not rely on this.</p>\n'}${
    unknown.length === 0 ? '' : `<p class="bad">${String(unknown.length)} unknown, listed at the end.</p>\n`
  }${storyChapters(story).map(section).join('\n')}
</body>
</html>`;
}

function section({ title, lines }: Chapter): string {
  const content = lines.map(([name, text]) => `<dt>${shown(name)}</dt><dd>${shown(text)}</dd>`);
  return `<section>\n<h2>${shown(title)}</h2>\n<dl>\n${content.join('\n')}\n</dl>\n</section>`;
}

/** Text and nothing but text: neither markup nor characters that hide or reorder others. */
function shown(text: string): string {
  return escapeHtml(visibleText(text));
}
