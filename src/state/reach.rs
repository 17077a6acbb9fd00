//! Columns, the palette of actions, and the clipboard.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tui_input::Input;

use crate::action::{Action, Declared};
use crate::event::{Key, Press, Target};
use crate::state::attention::other_script;
use crate::state::keys::typed;
use crate::state::{Choice, Dialog, Effect, Palette, State};
use crate::table::{HIDDEN, Tone};

impl State {
    /// Opens the list of columns: those that are on first, in their order.
    pub(super) fn choose_columns(&mut self) {
        let table = self.screen.table();
        let on = self.screen.view().heads(table);
        let on: Vec<_> =
            on.into_iter().map(|(_, head)| head).filter(|head| head.rank != HIDDEN).collect();
        let off = table.columns();
        let off = off.into_iter().filter(|head| !on.iter().any(|own| own.name == head.name));
        let items =
            on.iter().map(|head| (*head, true)).chain(off.map(|head| (head, false))).collect();
        self.screen.dialog = Some(Dialog::Columns(Choice { items, marked: 0 }));
    }

    /// Space turns a column on or off, left and right move it, Enter takes the choice.
    pub(super) fn press_in_columns(&mut self, mut choice: Choice, press: Press) {
        let last = choice.items.len().saturating_sub(1);
        let marked = choice.marked;
        match press.key {
            Key::Esc | Key::Char('q') => return,
            Key::Enter => return self.take_columns(&choice),
            Key::Down | Key::Char('j') => choice.marked = (marked + 1).min(last),
            Key::Up | Key::Char('k') => choice.marked = marked.saturating_sub(1),
            Key::Char(' ') => choice.items[marked].1 = !choice.items[marked].1,
            Key::Left | Key::Char('h') if marked > 0 => {
                choice.items.swap(marked, marked - 1);
                choice.marked -= 1;
            }
            Key::Right | Key::Char('l') if marked < last => {
                choice.items.swap(marked, marked + 1);
                choice.marked += 1;
            }
            _ => {
                if let Some(hint) = other_script(press) {
                    self.note(&hint, Tone::Warning);
                }
            }
        }
        self.screen.dialog = Some(Dialog::Columns(choice));
    }

    fn take_columns(&mut self, choice: &Choice) {
        let on = choice.items.iter().filter(|(_, on)| *on);
        let chosen: Vec<&'static str> = on.map(|(head, _)| head.name).collect();
        let own: Vec<&'static str> = self
            .screen
            .table()
            .columns()
            .iter()
            .filter(|head| head.rank != HIDDEN)
            .map(|head| head.name)
            .collect();
        // Nothing chosen, or what the table has by itself: then it goes on adapting to the width.
        let chosen = (!chosen.is_empty() && chosen != own).then_some(chosen);
        self.screen.view_mut().columns = chosen;
    }

    pub(super) fn open_palette(&mut self) {
        let palette = Palette { input: Input::default(), marked: 0 };
        self.screen.dialog = Some(Dialog::Palette(palette));
    }

    /// The actions that fit what is typed, the best first, each with the first of its keys.
    pub fn fitting(&self, palette: &Palette) -> Vec<(Press, &'static Declared)> {
        let offered = self
            .keymap
            .offered(self.screen.scope())
            .filter(|(_, declared)| declared.action != Action::Palette);
        let written = palette.input.value();
        if written.trim().is_empty() {
            return offered.collect();
        }
        let pattern = Pattern::parse(written, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<_> = offered
            .filter_map(|(press, declared)| {
                let name = declared.name.replace('_', " ");
                let text = format!("{name} {}", declared.help);
                let whole = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
                // What is in the name counts for more than what is in the sentence.
                let own = pattern.score(Utf32Str::new(&name, &mut buffer), &mut matcher);
                Some((whole + own.unwrap_or(0) * 4, press, declared))
            })
            .collect();
        scored.sort_by_key(|(score, _, _)| std::cmp::Reverse(*score));
        scored.into_iter().map(|(_, press, declared)| (press, declared)).collect()
    }

    pub(super) fn press_in_palette(&mut self, mut palette: Palette, press: Press) -> Vec<Effect> {
        let fitting = self.fitting(&palette);
        let last = fitting.len().saturating_sub(1);
        match press.key {
            Key::Esc => return Vec::new(),
            Key::Enter => {
                return match fitting.get(palette.marked) {
                    Some((_, declared)) => self.act(declared.action),
                    None => Vec::new(),
                };
            }
            Key::Down | Key::Tab => palette.marked = (palette.marked + 1).min(last),
            Key::Up | Key::BackTab => palette.marked = palette.marked.saturating_sub(1),
            _ => {
                if let Some(request) = typed(press) {
                    palette.input.handle(request);
                    palette.marked = 0;
                }
            }
        }
        self.screen.dialog = Some(Dialog::Palette(palette));
        Vec::new()
    }

    /// A click selects, opens what is selected already, and sorts; the wheel moves the selection. While
    /// something wants an answer the mouse gives none.
    pub(super) fn pointed(&mut self, target: Target) {
        if self.screen.dialog.is_some() || self.screen.help.is_some() {
            return;
        }
        match target {
            Target::Row(row) if self.selected() == Some(&row) => self.open(),
            Target::Row(row) => {
                let order = self.rows();
                if let Some(index) = self.place(&order, &row) {
                    self.select(&order, index);
                }
            }
            Target::Column(name) => {
                let table = self.screen.table();
                let columns = table.columns();
                let Some(head) = columns.iter().find(|head| head.name == name) else { return };
                let (own, high) = table.sort();
                let view = self.screen.view_mut();
                let (by, down) = view.view.sort.unwrap_or((own, high));
                let down = if by == head.name { !down } else { head.name == own && high };
                view.view.sort = Some((head.name, down));
            }
            Target::Tab(table) => self.screen.go(table),
            Target::Rows(by) => self.step(by.into()),
        }
    }

    /// The selected row's shown columns, between tabs.
    pub(super) fn copy(&mut self) -> Vec<Effect> {
        if self.now.moment < self.repeat_guard {
            return Vec::new();
        }
        let table = self.screen.table();
        let Some(row) = self.selected().cloned() else {
            self.note("select a row first", Tone::Warning);
            return Vec::new();
        };
        let page = table.page(&self.context(), std::slice::from_ref(&row));
        let Some(row) = page.first() else { return Vec::new() };
        let heads = self.screen.view().heads(table);
        let shown = heads.iter().filter(|(_, head)| head.rank != HIDDEN);
        let cells: Vec<&str> = shown.map(|(index, _)| row.cells[*index].text.as_str()).collect();
        let text = cells.join("\t");
        self.note("copied, if the terminal allows it", Tone::Quiet);
        vec![Effect::Copy(text)]
    }
}
