/**
 * Strings that stores have been seen to lose, to merge with another or to take for something else. All are well-formed Unicode, none is empty,
 * and no two are the same.
 */
export const HOSTILE: readonly string[] = [
  // Letter case, accents and width: equal by many collations.
  ...['A', 'a', 'ß', 'ss', 'ẞ', 'İ', 'I', 'i', 'ı', 'K', '\u212a', 'ﬁ', 'fi', 'Ａ'],
  ...['\u00e9', 'e\u0301', '\u00c5', 'A\u030a', '\u212b', '\uac00', '\u1100\u1161'],
  // Spaces, which comparisons trim, and invisible characters.
  ...[
    ' ',
    'a ',
    ' a',
    'a  ',
    'a\t',
    '\t',
    '\n',
    'a\n',
    '\r\n',
    '\u00a0',
    '\u2028',
    '\u200b',
    '\u00ad',
    '\u0085',
    'a\u200b',
  ],
  // What ends strings, marks byte order, or is not a character.
  ...['\0', 'a\0', 'a\0b', '\0a', '\ufeff', '\ufeffa', 'a\ufeff', '\uffff', '\uffff0', 'a\uffffb', '\ufffe', '\ufffd'],
  ...['\u0001', '\u001f', '\u007f', '\ud7ff', '\ue000', '\u{10000}', '\u{10ffff}', '🙂', '👩‍👩‍👧', '🏳️‍🌈'],
  // What objects, documents, patterns, keys and paths are made of.
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'valueOf'],
  ...['.', '..', '...', 'a.b', 'a.b.c', '.a', 'a.', '$', '$where', '$inc', 'a$', '$$', '_id'],
  ...['%', '%25', '100%', '100_', '_', '*', '?', 'a*', '[a]', '{a}', '{', '}', '^a$', '(a|b)', '#', '@', '&', '!', '~'],
  ...[
    ':',
    '::',
    'a:b',
    'a:b:c',
    ';',
    ',',
    '/',
    '//',
    'a/b',
    '../a',
    '\\',
    '\\\\',
    'a\\',
    '\\0',
    '\\u0000',
    '|',
    'a|b',
    '-',
    '+',
  ],
  // Quotes and fragments of query languages.
  ...[
    "'",
    "''",
    '"',
    '""',
    '`',
    "\\'",
    "it's",
    '$$a$$',
    "'; DROP TABLE kairos; --",
    "' OR '1'='1",
    "a' USING TTL 1; --",
  ],
  ...[
    '/* a */',
    '--',
    'NULL',
    'null',
    'undefined',
    'true',
    'NaN',
    '#{a}',
    '{{a}}',
    '<a>',
    '&amp;',
    'SELECT',
    'CON',
    'aux.',
  ],
  // What looks like a number.
  ...['0', '00', '-0', '1', '1.0', '1e3', '0x10', '007', '9007199254740993'],
  // Longer than a word.
  'lorem ipsum '.repeat(20),
]

/** A few of each kind, for tests that would be expensive with all. */
export const HOSTILE_FEW: readonly string[] = [
  ...[
    'A',
    'a',
    'a ',
    '\u00e9',
    'e\u0301',
    'a\0b',
    '\ufeffa',
    '\uffff',
    '🙂',
    '__proto__',
    'a.b',
    '$inc',
    '100%',
    'a:b',
  ],
  ...['../a', "it's", '"', "'; DROP TABLE kairos; --", '{a}', '1.0', '1'],
  // Longer than a column or file name may be by default, and alike up to the last character.
  ...['1', '2'].map((last) => `${'lorem ipsum '.repeat(16)}${last}`),
]
