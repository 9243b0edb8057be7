import { storyEntry } from '../../evidence/story-entry';

const leaf =
  `{"at":"2026-01-31T12:00:00.000Z","body":"sha256:${'a'.repeat(64)}",` +
  '"entry":{"action":"act-1","event":"action.requested"},"key":"k","seq":0,"tenant":"demo","v":1}';

it.each(['', 'null', '[]', '"x"', '{'])(
  'a body that was replaced by %j is there no more, and the story goes on for the verifier to report it',
  (text) => {
    const entry = storyEntry({ leaf, body: { text, salt: Buffer.alloc(32) } }, 'act-1');
    expect(entry).toMatchObject({ event: 'action.requested', body: { kind: 'erased' } });
  },
);
