//! Escapes of URLs, HTML and JSON, read with the bytes that they stand in.

/// How often a text is unescaped: gateways escape what is escaped already.
pub(crate) const PASSES: usize = 4;

/// One character, and where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sign {
    pub(crate) c: char,
    pub(crate) at: usize,
    /// The byte behind it.
    pub(crate) end: usize,
}

/// What escapes begin with: of URLs, of HTML, of JSON.
pub(crate) const LEADS: [char; 3] = ['%', '&', '\\'];

/// The same signs with every escape that begins with one of `leads`, of a character that is `worth` it, read as what
/// it stands for, by `push`; `None` where there is none.
pub(crate) fn unescaped(
    signs: &[Sign],
    leads: &[char],
    worth: impl Fn(char) -> bool,
    push: impl Fn(char, usize, usize, &mut Vec<Sign>),
) -> Option<Vec<Sign>> {
    let first = signs.iter().position(|sign| leads.contains(&sign.c))?;
    let mut out = Vec::with_capacity(signs.len());
    out.extend_from_slice(&signs[..first]);
    let (mut at, mut any) = (first, false);
    while at < signs.len() {
        let found = match signs[at].c {
            c if !leads.contains(&c) => None,
            '%' => percent(signs, at),
            '&' => entity(signs, at),
            '\\' => backslash(signs, at),
            _ => None,
        };
        let Some((c, end)) = found.filter(|(c, _)| worth(*c)) else {
            out.push(signs[at]);
            at += 1;
            continue;
        };
        push(c, signs[at].at, signs[end - 1].end, &mut out);
        (at, any) = (end, true);
    }
    any.then_some(out)
}

/// `%2B`, or several for one character of UTF-8.
fn percent(signs: &[Sign], at: usize) -> Option<(char, usize)> {
    let byte = |at: usize| -> Option<u8> {
        let high = signs.get(at + 1)?.c.to_digit(16)?;
        let low = signs.get(at + 2)?.c.to_digit(16)?;
        (signs.get(at)?.c == '%').then(|| u8::try_from(high * 16 + low).ok())?
    };
    let first = byte(at)?;
    let length = match first {
        0..0x80 => return Some((char::from(first), at + 3)),
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        // Latin-1, as old gateways write it.
        0xA0 => return Some((' ', at + 3)),
        _ => return None,
    };
    let mut bytes = [0; 4];
    for (index, place) in bytes.iter_mut().enumerate().take(length) {
        *place = byte(at + 3 * index)?;
    }
    let c = std::str::from_utf8(&bytes[..length]).ok()?.chars().next()?;
    Some((c, at + 3 * length))
}

/// `&nbsp;`, `&#43;`, `&#x2b;`; the semicolon may be missing behind figures.
fn entity(signs: &[Sign], at: usize) -> Option<(char, usize)> {
    let mut end = at + 1;
    let mut name = String::new();
    while let Some(sign) = signs.get(end).filter(|_| name.len() < 24) {
        let figure = name.starts_with('#');
        let hex = figure && (name.len() == 1 || name.starts_with("#x") || name.starts_with("#X"));
        let fits = match sign.c {
            '#' => name.is_empty(),
            c if c.is_ascii_digit() => true,
            'x' | 'X' if name == "#" => true,
            c => c.is_ascii_alphabetic() && (!figure || hex && c.is_ascii_hexdigit()),
        };
        if !fits {
            break;
        }
        name.push(sign.c);
        end += 1;
    }
    let closed = signs.get(end).is_some_and(|sign| sign.c == ';');
    let c = match name.strip_prefix('#') {
        Some(figures) => {
            let code = match figures.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => figures.parse(),
            };
            char::from_u32(code.ok()?)?
        }
        None if closed || name == "nbsp" => named(&name)?,
        None => return None,
    };
    Some((c, end + usize::from(closed)))
}

/// The entities of signs that are no letters.
fn named(name: &str) -> Option<char> {
    Some(match name {
        "nbsp" | "ensp" | "emsp" | "emsp13" | "emsp14" | "numsp" | "puncsp" | "thinsp"
        | "hairsp" | "NonBreakingSpace" | "ThinSpace" | "MediumSpace" | "Tab" | "NewLine" => ' ',
        "hyphen" | "dash" | "ndash" | "mdash" | "horbar" | "minus" => '-',
        "shy" | "zwj" | "zwnj" | "lrm" | "rlm" | "NoBreak" | "ZeroWidthSpace" => '\u{200B}',
        "plus" => '+',
        "lpar" => '(',
        "rpar" => ')',
        "lsqb" | "lbrack" => '[',
        "rsqb" | "rbrack" => ']',
        "lcub" | "lbrace" => '{',
        "rcub" | "rbrace" => '}',
        "sol" => '/',
        "bsol" => '\\',
        "period" => '.',
        "comma" => ',',
        "colon" => ':',
        "semi" => ';',
        "equals" => '=',
        "num" => '#',
        "ast" | "midast" => '*',
        "verbar" | "vert" | "VerticalLine" => '|',
        "apos" | "rsquo" | "lsquo" | "prime" => '\'',
        "quot" => '"',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "middot" | "centerdot" => '·',
        "bull" | "bullet" => '•',
        "tilde" | "sim" => '~',
        "deg" => '°',
        "percnt" => '%',
        "commat" => '@',
        "lowbar" => '_',
        "excl" => '!',
        "quest" => '?',
        _ => return None,
    })
}

/// `\u002b`, `\x2b`, `\n`.
fn backslash(signs: &[Sign], at: usize) -> Option<(char, usize)> {
    let length = match signs.get(at + 1)?.c {
        'u' => 4,
        'x' => 2,
        'n' => return Some(('\n', at + 2)),
        't' => return Some(('\t', at + 2)),
        'r' => return Some(('\r', at + 2)),
        c @ ('"' | '\\' | '/' | '\'') => return Some((c, at + 2)),
        _ => return None,
    };
    let figures = signs.get(at + 2..at + 2 + length)?;
    let code = figures.iter().try_fold(0, |code, sign| Some(code * 16 + sign.c.to_digit(16)?))?;
    Some((char::from_u32(code)?, at + 2 + length))
}
