//! The form of a scheduler entry: a line for each field, as many as there is room for.
//!
//! ```text
//! ╭──────────────────────────────────────────────╮
//! │  New entry                                   │
//! │                                              │
//! │  Service        outbound@contoso.example     │
//! │ ▌Destination    +44 20 7946 01▏              │
//! │  Due                                         │
//! │                                              │
//! │  a number as +44 20…, or user@domain         │
//! │  ↑↓ field   enter check   esc leave          │
//! ╰──────────────────────────────────────────────╯
//! ```

use ratatui::layout::Rect;

use crate::operations::Field;
use crate::state::{Form, State};
use crate::table::Tone;
use crate::theme::Role;
use crate::ui::dialog::frame;
use crate::ui::footer::input;
use crate::ui::pen::{Pen, Run, inset, wrap};

/// Cells of the labels.
const LABEL: u16 = 15;

const WIDEST: u16 = 62;

/// What goes into the marked field; with part of a name in it, how many contacts fit.
fn help(state: &State, form: &Form) -> String {
    let found = state.contacts(form);
    match found.listed.len() + found.more {
        0 => {
            let own = &form.fields[form.marked];
            let known = state.floor.worlds().any(|(_, world)| !world.books.contacts().is_empty());
            let named = known && own.field == Field::Destination && !state.mask;
            let or = if named { ", or part of a contact's name" } else { "" };
            format!("{}{or}", own.declared.help)
        }
        1 => "one contact fits: enter chooses".to_owned(),
        many => format!("{many} contacts fit: enter chooses"),
    }
}

pub(super) fn draw(pen: &mut Pen<'_>, state: &State, form: &Form, area: Rect) {
    let inner = WIDEST.min(area.width.saturating_sub(6));
    let framed = area.height >= 4 && area.width >= 8;
    let help = match &form.fault {
        Some(fault) => wrap(&format!("■ {fault}"), inner.max(1)),
        None => wrap(&help(state, form), inner.max(1)),
    };
    let room = usize::from(area.height.saturating_sub(if framed { 2 } else { 0 }));
    // The marked field is never given up, nor what is wrong with it.
    let help_lines = help.len().clamp(1, room.saturating_sub(2).max(1));
    let keys = usize::from(room > help_lines + 2);
    let rest = room.saturating_sub(1 + help_lines + keys);
    let fields = form.fields.len().min(rest.max(1));
    let blanks = rest.saturating_sub(fields).min(2);
    let lines = 1 + fields + help_lines + keys + blanks;
    let inside = frame(pen, area, inner, lines.min(room), framed);
    let mut y = inside.y;
    let mut line = |step: usize| {
        let place = Rect { y, height: u16::from(y < inside.bottom()), ..inside };
        y = y.saturating_add(u16::try_from(step).unwrap_or(1));
        place
    };
    let title = line(1 + usize::from(blanks > 0));
    pen.text(title, &form.title, pen.role(Role::DialogTitle));
    if form.fields.iter().any(|own| own.field == Field::Due) {
        let offset = state.zone.here(state.now.wall).format("%:z");
        pen.right(title, &format!("times {offset}"), pen.tone(Tone::Quiet));
    }
    let first = (form.marked + 1).saturating_sub(fields);
    for (index, own) in form.fields.iter().enumerate().skip(first).take(fields) {
        let place = line(1);
        let marked = index == form.marked;
        if marked && framed {
            pen.text(Rect { x: place.x - 2, ..place }, "▌", pen.role(Role::Marker));
        }
        let tone = if marked { Tone::Strong } else { Tone::Quiet };
        pen.text(place, own.declared.label, pen.tone(tone));
        let room = inset(place, LABEL.min(place.width / 2), 0);
        match marked {
            true => input(pen, &own.input, room),
            false => {
                pen.text(room, own.input.value(), pen.tone(Tone::Plain));
            }
        }
    }
    line(usize::from(blanks > 1));
    let tone = if form.fault.is_some() { Tone::Critical } else { Tone::Quiet };
    for text in help.iter().take(help_lines) {
        pen.text(line(1), text, pen.tone(tone));
    }
    if keys > 0 {
        let (key, word) = (pen.role(Role::Key), pen.tone(Tone::Plain));
        let runs = [
            Run::new("enter", key),
            Run::new(" check   ", word),
            Run::new("esc", key),
            Run::new(" leave   ", word),
            Run::new("↑↓", key),
            Run::new(" field", word),
        ];
        pen.runs(line(1), &runs);
    }
}
