//! Whether the terminal's own ground is light: asked once, before keys are read, of terminals that are known to
//! answer, and waited for no longer than a moment.

use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::tty::{Tty, Written};
use crate::clock;

/// The question: which colour is the ground (OSC 11)?
const QUESTION: &[u8] = b"\x1b]11;?\x1b\\";

/// How its answer begins.
const ANSWER: &[u8] = b"\x1b]11;";

/// How long an answer may take; one that has begun to come may take as long again.
const PATIENCE: Duration = Duration::from_millis(100);

/// The most that is read while an answer is waited for.
const MOST: usize = 4096;

/// What came of the question.
#[derive(Debug, Default)]
pub(super) struct Ground {
    /// Whether the ground is light; `None` where nothing was answered.
    pub is_light: Option<bool>,
    /// What was typed meanwhile.
    pub typed: Vec<u8>,
}

/// Asks a terminal that is in raw mode.
pub(super) fn ask(tty: &Tty) -> Ground {
    let mut read = Vec::new();
    if tty.insist(QUESTION, PATIENCE) != Written::All {
        return Ground::default();
    }
    let began = clock::moment();
    loop {
        if let Some(ground) = answered(&read) {
            return ground;
        }
        let limit = if begins(&read).is_some() { 2 * PATIENCE } else { PATIENCE };
        let left = limit.saturating_sub(clock::moment().since(began));
        if left.is_zero() || read.len() >= MOST || !more(&mut read, left) {
            break;
        }
    }
    // Of an answer that is torn nothing may pass for keys.
    let end = begins(&read).unwrap_or(read.len());
    read.truncate(end);
    Ground { is_light: None, typed: read }
}

/// Reads what comes within `left`; whether anything did.
fn more(read: &mut Vec<u8>, left: Duration) -> bool {
    let stdin = rustix::stdio::stdin();
    let mut fds = [PollFd::from_borrowed_fd(stdin, PollFlags::IN)];
    let Ok(left) = Timespec::try_from(left) else { return false };
    if !matches!(poll(&mut fds, Some(&left)), Ok(1..)) || !fds[0].revents().contains(PollFlags::IN)
    {
        return false;
    }
    let mut bytes = [0; 256];
    match rustix::io::read(stdin, &mut bytes) {
        Ok(count) if count > 0 => {
            read.extend_from_slice(bytes.get(..count).unwrap_or_default());
            true
        }
        _ => false,
    }
}

/// Where an answer begins.
fn begins(read: &[u8]) -> Option<usize> {
    read.windows(ANSWER.len()).position(|own| own == ANSWER)
}

/// The answer, when it is there whole, and what stands around it.
fn answered(read: &[u8]) -> Option<Ground> {
    let from = begins(read)?;
    let (before, rest) = read.split_at(from);
    let body = rest.get(ANSWER.len()..)?;
    let (colour, after) = match body.iter().position(|byte| matches!(byte, 0x07 | 0x1b))? {
        end if body[end] == 0x07 => (&body[..end], &body[end + 1..]),
        end => (&body[..end], body[end..].strip_prefix(b"\x1b\\")?),
    };
    let is_light = std::str::from_utf8(colour).ok().and_then(is_light);
    Some(Ground { is_light, typed: [before, after].concat() })
}

/// Whether a colour is light, as X11 writes it: `rgb:ffff/ffff/ffff`, of one to four digits each.
fn is_light(colour: &str) -> Option<bool> {
    let parts = colour.strip_prefix("rgb:").or_else(|| colour.strip_prefix("rgba:"))?;
    let mut parts = parts.split('/').map(|digits| {
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let most = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?)?.checked_sub(1)?;
        let value =
            u32::from_str_radix(digits, 16).ok().filter(|_| (1..=4).contains(&digits.len()))?;
        Some(value * 1_000 / most)
    });
    let [r, g, b] = [parts.next()??, parts.next()??, parts.next()??];
    Some(299 * r + 587 * g + 114 * b > 500_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_light_or_dark_in_every_length_that_terminals_write() {
        for light in ["rgb:ffff/ffff/ffff", "rgb:ff/ff/dd", "rgb:f/f/f", "rgba:fdfd/f6f6/e3e3/ffff"]
        {
            assert_eq!(is_light(light), Some(true), "{light}");
        }
        for dark in ["rgb:0000/0000/0000", "rgb:00/2b/36", "rgb:1e1e/1e1e/2e2e"] {
            assert_eq!(is_light(dark), Some(false), "{dark}");
        }
        for none in
            ["", "rgb:", "rgb:12/34", "#ffffff", "rgb:fffff/0/0", "rgb:zz/zz/zz", "rgb:+f/ff/ff"]
        {
            assert_eq!(is_light(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_typed_around_an_answer_stays() {
        for answer in ["ab\x1b]11;rgb:ffff/ffff/ffff\x1b\\cd", "ab\x1b]11;rgb:ff/ff/ff\x07cd"] {
            let ground = answered(answer.as_bytes()).unwrap();
            assert_eq!((ground.is_light, ground.typed.as_slice()), (Some(true), &b"abcd"[..]));
        }
    }

    #[test]
    fn a_torn_answer_is_none_yet() {
        let whole = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\";
        for end in 0..whole.len() {
            assert!(answered(&whole[..end]).is_none(), "{end}");
        }
    }
}
