//! A code that somebody types elsewhere, in letters that can be read from across the desk.
//!
//! ```text
//!   Sign in to nimbus
//!
//!   Open this address on any device:
//!   https://microsoft.com/devicelogin
//!
//!   and type this code there:
//!   ▄█▀▀█▄ ██ ██▄  ▄██ ▄█▀▀█▄
//!    ▀▀▀▄▄ ██ ██▀██▀██ ██  ██
//!   ▀█▄▄█▀ ██ ██    ██ ▀█▄▄█▀
//!
//!   waiting until it is typed   good for 14:32
//!
//!   y copies the address   q leaves
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::floor::time::Moment;
use crate::state::sign_in::{Card, Part};
use crate::table::Tone;
use crate::table::cell::duration;
use crate::theme::Role;
use crate::ui::letters::Dots;
use crate::ui::pen::{Pen, Run, inset, width_of};
use crate::ui::{Look, sweep};

/// A code that has less left than this is nearly over, seconds.
const SOON: u64 = 60;

/// Lines that all but the code takes, without the blank ones between.
const WORDS: u16 = 6;

/// Blank lines between, where there is room.
const BLANKS: u16 = 4;

/// The widest it is drawn: the eye has one place to go to.
const WIDEST: u16 = 76;

/// Draws it alone on the screen.
pub fn sign_in(card: &Card, now: Moment, look: &Look<'_>, buffer: &mut Buffer, area: Rect) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let mut pen = Pen::new(buffer, look);
    pen.fill(area, Role::Base);
    let within = Rect { width: area.width.min(WIDEST), ..area };
    let margin = if area.width > WIDEST { (area.width - WIDEST) / 2 } else { area.width.min(2) };
    let down = if area.height > 16 { (area.height - 16) / 3 } else { 0 };
    let within =
        Rect { x: area.x + margin, width: within.width.min(area.width - margin), ..within };
    let within = Rect { y: area.y + down, height: area.height - down, ..within };
    draw(&mut pen, card, now, within);
    sweep::sweep(buffer, area, look.characters);
}

/// Draws it into `area`. Where there is no room the blank lines go first, then the letters are plain ones.
pub(super) fn draw(pen: &mut Pen<'_>, card: &Card, now: Moment, area: Rect) {
    let dots = Dots::figure(&card.code);
    let room = area.height.saturating_sub(WORDS);
    let fit = |lines| {
        let dots = dots.as_ref()?;
        let scale = dots.fit(area.width, lines, pen.characters)?;
        // Seven dots in as many lines as they need, whatever room is left.
        Some((dots, scale, dots.lines(scale)))
    };
    let code = fit(room.saturating_sub(BLANKS).min(7)).or_else(|| fit(room.min(7)));
    let code = code.filter(|(.., lines)| *lines <= room);
    let tall = code.as_ref().map_or(1, |(.., lines)| *lines);
    let gap = u16::from(area.height >= WORDS + BLANKS + tall);
    let mut y = area.y;
    let mut line = |step: u16| {
        let bottom = area.bottom();
        let place = Rect { y: y.min(bottom), height: step.min(bottom.saturating_sub(y)), ..area };
        y = y.saturating_add(step);
        place
    };
    let plain = pen.tone(Tone::Plain);
    pen.text(line(1), &format!("Sign in to {}", card.source), pen.role(Role::DialogTitle));
    line(gap);
    pen.text(line(1), "Open this address on any device:", plain);
    pen.text(line(1), &card.address, pen.tone(Tone::Strong));
    line(gap);
    pen.text(line(1), "and type this code there:", plain);
    let place = line(tall);
    match code {
        Some((dots, scale, _)) => dots.draw(pen, place, scale, pen.ink(Tone::Strong)),
        None => drop(pen.text(place, &card.code, pen.tone(Tone::Strong))),
    }
    line(gap);
    let place = line(1);
    pen.runs(place, &status(pen, card, now, place.width));
    line(gap);
    keys(pen, card, line(1));
}

/// What is waited for, and for how long the code is good; of a narrow line the time alone.
fn status(pen: &Pen<'_>, card: &Card, now: Moment, cells: u16) -> Vec<Run> {
    let left = card.left(now).as_secs();
    let tone = if left < SOON { Tone::Warning } else { Tone::Plain };
    let good = pen.badge(&format!("good for {}", duration(left)), tone);
    let said = Run::new(format!("{}   ", card.said), pen.tone(Tone::Quiet));
    let both = vec![said, good];
    if width_of(&both) <= cells { both } else { both.into_iter().skip(1).collect() }
}

fn keys(pen: &mut Pen<'_>, card: &Card, place: Rect) {
    let (key, word) = (pen.role(Role::Key), pen.tone(Tone::Plain));
    let copies = match card.copied {
        None => " copies the address",
        Some(Part::Address) => " copies the code (the address is copied)",
        Some(Part::Code) => " copies the address (the code is copied)",
    };
    let leave = [Run::new("q", key), Run::new(" leaves", word)];
    let copy = [Run::new("y", key), Run::new(copies, word), Run::new("   ", word)];
    let used = match width_of(&copy) + width_of(&leave) <= place.width {
        true => pen.runs(place, &copy),
        false => pen.runs(place, &[Run::new("y", key), Run::new(" copies   ", word)]),
    };
    pen.runs(inset(place, used, 0), &leave);
}
