//! What the program may say to a terminal: text, and the few commands that are declared.

use super::hostile::steering;

/// The modes that are set and reset: cursor, alternate screen, whole frames, mouse, pastes in brackets.
const MODES: [&str; 11] =
    ["25", "1049", "2026", "1000", "1001", "1002", "1003", "1004", "1005", "1006", "2004"];

/// Takes apart what reached a terminal, and counts the texts for its clipboard. Anything that is neither text nor
/// a declared command is an error.
pub fn strict(bytes: &[u8]) -> Result<usize, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut parts = text.split('\u{1b}');
    printable(parts.next().unwrap_or_default())?;
    let (mut copies, mut inside) = (0, false);
    for part in parts {
        if inside {
            // The end of a text for the clipboard.
            printable(part.strip_prefix('\\').ok_or("a clipboard text that does not end")?)?;
            inside = false;
        } else if let Some(command) = part.strip_prefix('[') {
            printable(behind(command)?)?;
        } else if let Some(copied) = part.strip_prefix("]52;c;") {
            let (copied, rest) = match copied.split_once('\u{7}') {
                Some((copied, rest)) => (copied, Some(rest)),
                None => (copied, None),
            };
            let base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
            if !copied.chars().all(base64) {
                return Err(format!("a clipboard text of {copied:?}"));
            }
            match rest {
                Some(rest) => printable(rest)?,
                None => inside = true,
            }
            copies += 1;
        } else {
            return Err(format!("ESC {:?}", part.chars().take(20).collect::<String>()));
        }
    }
    if inside { Err("a clipboard text that does not end".into()) } else { Ok(copies) }
}

/// The text behind a control sequence.
fn behind(command: &str) -> Result<&str, String> {
    let said = || Err(format!("CSI {:?}", command.chars().take(20).collect::<String>()));
    let end = |c: char| !(c.is_ascii_digit() || matches!(c, ';' | ':'));
    if let Some(mode) = command.strip_prefix('?') {
        let Some((number, rest)) = mode.find(end).map(|at| mode.split_at(at)) else {
            return said();
        };
        return match rest.strip_prefix(['h', 'l']) {
            Some(rest) if MODES.contains(&number) => Ok(rest),
            _ => said(),
        };
    }
    let rest = command.find(end).map_or("", |at| &command[at..]);
    rest.strip_prefix(['H', 'm', 'J', 'K']).map_or_else(said, Ok)
}

fn printable(text: &str) -> Result<(), String> {
    match steering(text) {
        Some(c) => Err(format!("U+{:04X} in the text", u32::from(c))),
        None => Ok(()),
    }
}
