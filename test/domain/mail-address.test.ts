import { isMailAddress, isPersonName } from '../../domain/mail-address';

it.each([
  'a@b.co',
  'bob@example.org',
  'Bob.Smith+slack@mail.example.co.uk',
  'x_y-z@a-b.example.org',
  `${'l'.repeat(64)}@example.org`,
])('an address: %s', (text) => {
  expect(isMailAddress(text)).toBe(true);
});

it.each([
  ['a quoted local part', '"a@evil.com x"@corp.com'],
  ['a quoted local part without spaces', '"a"@corp.com'],
  ['a comment', 'a(comment)@corp.com'],
  ['a display name', 'Bob <bob@corp.com>'],
  ['two addresses', 'a@corp.com,b@corp.com'],
  ['two at signs', 'a@evil.com@corp.com'],
  ['a line break that adds a header', 'a@corp.com\r\nBcc: all@corp.com'],
  ['a line break at the end', 'a@corp.com\n'],
  ['a space', 'a b@corp.com'],
  ['a Cyrillic а', '\u0430@corp.com'],
  ['a Cyrillic о in the domain', 'a@c\u043erp.com'],
  ['a full-width at sign', 'a\uff20corp.com'],
  ['a character of no width', 'a\u200b@corp.com'],
  ['an IP literal', 'a@[127.0.0.1]'],
  ['an address of a machine', 'root@localhost'],
  ['numbers for a domain', 'a@127.0.0.1'],
  ['a dot at the beginning', '.a@corp.com'],
  ['two dots', 'a..b@corp.com'],
  ['a dot before the at sign', 'a.@corp.com'],
  ['a hyphen at the end of a label', 'a@corp-.com'],
  ['a percent route', 'a%evil.com@corp.com'],
  ['a bang route', 'evil!a@corp.com'],
  ['a local part that is too long', `${'l'.repeat(65)}@example.org`],
  [
    'an address that is too long',
    `a@${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(10)}.org`,
  ],
  ['nothing', ''],
])('X28 no address: %s', (_, text) => {
  expect(isMailAddress(text)).toBe(false);
});

it.each(['Bob', 'Ana María Ñandú', "Seán O'Brien", '李雷', 'Bob (demo)'])('a name: %s', (text) => {
  expect(isPersonName(text)).toBe(true);
});

it.each([
  '',
  ' ',
  ' Bob',
  'Bob\r\nBcc: x',
  'Bob\u202egnp',
  'Bob\u200b',
  'Bob <bob@corp.com>',
  '"Bob"',
  'bob@corp.com',
  'x'.repeat(201),
])('X28 no name: %j', (text) => {
  expect(isPersonName(text)).toBe(false);
});
