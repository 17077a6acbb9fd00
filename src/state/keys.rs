//! What a key does: to a dialog, to the filter that is typed, else to the board.

use std::time::Duration;

use tui_input::{Input, InputRequest};

use crate::action::Action;
use crate::event::{Key, Press};
use crate::floor::time::Moment;
use crate::state::attention::other_script;
use crate::state::dialog::Purpose;
use crate::state::screen::Typing;
use crate::state::{Dialog, Effect, Picker, Question, State};
use crate::table::{HIDDEN, RowId, TableId, Tone};
use crate::text::Shown;

/// How long after an answer the same key is taken for the second press of a double one.
const SECOND_PRESS: Duration = Duration::from_millis(700);

impl State {
    pub(super) fn press(&mut self, press: Press, at: Moment) -> Vec<Effect> {
        let quit = press == Press::ctrl('c');
        let yes = self.is_yes(press, at);
        if self.screen.dialog.is_some() && !quit {
            let effects = self.press_in_dialog(press, yes, at);
            self.answered();
            return effects;
        }
        if self.screen.typing.is_some() && !quit {
            self.press_in_filter(press);
            return Vec::new();
        }
        if let Some(wall) = self.screen.wall.clone().filter(|_| self.screen.help.is_none()) {
            return self.press_on_wall(press, wall);
        }
        let Some(action) = self.keymap.action(press, self.screen.scope()) else {
            if let Some(hint) = other_script(press) {
                self.note(&hint, Tone::Warning);
            }
            return Vec::new();
        };
        if self.screen.help.is_some() && !quit {
            return self.press_in_help(action);
        }
        self.act(action)
    }

    /// Pasted text is written where text is typed; it answers no question, and none of it is a key.
    pub(super) fn paste(&mut self, text: &str) {
        match (&mut self.screen.dialog, &mut self.screen.typing) {
            (Some(Dialog::Question(_)), _) => {
                self.say_no("pasted text answers no question: nothing was sent");
            }
            (Some(Dialog::Form(form)), _) => Self::paste_in_form(form, text),
            (Some(Dialog::Note(noting)), _) => {
                let mut noting = noting.clone();
                noting.paste(text);
                self.screen.dialog = Some(Dialog::Note(noting));
            }
            (Some(Dialog::Typed(_)), _) => self.paste_typed(text),
            (Some(Dialog::Palette(palette)), _) => {
                for c in Shown::clean(text).chars() {
                    palette.input.handle(InputRequest::InsertChar(c));
                }
                palette.marked = 0;
            }
            (Some(Dialog::Picker(_) | Dialog::Columns(_)), _) | (None, None) => {
                self.note("several characters came at once, as a paste: no key acted", Tone::Quiet);
            }
            (None, Some(typing)) => {
                for c in Shown::clean(text).chars() {
                    typing.input.handle(InputRequest::InsertChar(c));
                }
                self.try_filter();
            }
        }
    }

    pub(super) fn refuse(&mut self, why: &str) {
        self.screen.dialog = None;
        self.answered();
        self.note(why, Tone::Quiet);
    }

    /// A dialog may just have been closed: what was meant for it and comes a moment too late is none of the
    /// board's keys that look alike.
    fn answered(&mut self) {
        if self.screen.dialog.is_none() {
            self.repeat_guard = self.now.moment.after(SECOND_PRESS);
        }
    }

    fn press_in_dialog(&mut self, press: Press, yes: bool, at: Moment) -> Vec<Effect> {
        match self.screen.dialog.take() {
            Some(Dialog::Question(question)) => {
                return self.press_in_question(question, press, yes, at);
            }
            Some(Dialog::Note(noting)) => self.press_in_note(noting, press),
            Some(Dialog::Picker(picker)) => self.press_in_picker(picker, press),
            Some(Dialog::Typed(entry)) => self.press_in_typed(entry, press),
            Some(Dialog::Columns(choice)) => self.press_in_columns(choice, press),
            Some(Dialog::Form(form)) => self.press_in_form(form, press),
            Some(Dialog::Palette(palette)) => return self.press_in_palette(palette, press),
            None => {}
        }
        Vec::new()
    }

    /// Only a `y` that was meant says yes. Esc, Enter and whatever else writes say no; keys that write nothing say
    /// nothing.
    fn press_in_question(
        &mut self,
        question: Question,
        press: Press,
        yes: bool,
        at: Moment,
    ) -> Vec<Effect> {
        // It opened by itself: a key that was meant for the board answers it not.
        let locked = at < self.confirm_lockout;
        match press {
            _ if locked => self.screen.dialog = Some(Dialog::Question(question)),
            Press { key: Key::Char('y'), ctrl: false, alt: false } if yes => {
                return self.confirmed(question);
            }
            Press { key: Key::Char('y'), ctrl: false, alt: false } => {
                self.screen.dialog = Some(Dialog::Question(question));
                self.note("that y came too soon: read the question, then press y", Tone::Warning);
            }
            Press { key: Key::Char('n') | Key::Esc | Key::Enter, .. } => {
                self.say_no("nothing was sent");
            }
            Press { key: Key::Char(c), ctrl: false, alt: false } => {
                let why = other_script(press).unwrap_or_else(|| format!("{c} is not y"));
                self.say_no(&format!("nothing was sent: {why}"));
            }
            _ => self.screen.dialog = Some(Dialog::Question(question)),
        }
        Vec::new()
    }

    /// A question was refused. One that came of a form leads back to it.
    fn say_no(&mut self, why: &str) {
        if self.back_to_form() {
            self.note(why, Tone::Quiet);
        } else {
            self.refuse(why);
        }
    }

    fn press_in_picker(&mut self, mut picker: Picker, press: Press) {
        let last = picker.items.len().saturating_sub(1);
        match press.key {
            Key::Esc | Key::Char('n' | 'q') if matches!(picker.purpose, Purpose::Contact(_)) => {
                return self.picked_contact(None);
            }
            Key::Esc | Key::Char('n' | 'q') => return,
            Key::Enter => return self.picked(picker),
            Key::Down | Key::Char('j') => picker.marked = (picker.marked + 1).min(last),
            Key::Up | Key::Char('k') => picker.marked = picker.marked.saturating_sub(1),
            Key::Home | Key::Char('g') => picker.marked = 0,
            Key::End | Key::Char('G') => picker.marked = last,
            _ => {
                if let Some(hint) = other_script(press) {
                    self.note(&hint, Tone::Warning);
                }
            }
        }
        self.screen.dialog = Some(Dialog::Picker(picker));
    }

    fn picked(&mut self, picker: Picker) {
        match picker.purpose {
            Purpose::Sort(columns) => {
                if let Some(column) = columns.get(picker.marked) {
                    let (own, high) = self.screen.table().sort();
                    let view = self.screen.view_mut();
                    view.view.sort = Some((column, *column == own && high));
                    view.top = 0;
                }
            }
            Purpose::Presence { row, facets } => {
                self.picked_presence(&row, facets.into_iter().nth(picker.marked));
            }
            Purpose::Contact(destinations) => {
                self.picked_contact(destinations.into_iter().nth(picker.marked));
            }
            Purpose::Until { row, activity } => self.picked_until(&row, activity, picker.marked),
            Purpose::Queue { operation, row, queues } => {
                let asked = match (queues.get(picker.marked), &row) {
                    (None, _) => self.ask_all(operation, &row, &queues),
                    (Some(queue), RowId::Queue(source, _)) => {
                        self.ask_own(operation, source, queue)
                    }
                    (Some(queue), _) => self.ask_membership(operation, &row, queue),
                };
                match asked {
                    Ok(question) => self.screen.dialog = Some(Dialog::Question(question)),
                    Err(why) => self.note(&why, Tone::Warning),
                }
            }
            purpose => self.picked_control(purpose, picker.marked),
        }
    }

    fn press_in_filter(&mut self, press: Press) {
        let Some(typing) = &mut self.screen.typing else { return };
        match press.key {
            Key::Enter => {
                if typing.error.is_none() {
                    self.screen.typing = None;
                }
            }
            Key::Esc => {
                let before = std::mem::take(&mut typing.before);
                self.screen.typing = None;
                // What held before was accepted before.
                self.set_filter(&before).unwrap_or_default();
            }
            _ => {
                if let Some(request) = typed(press) {
                    typing.input.handle(request);
                    self.try_filter();
                }
            }
        }
    }

    /// Filters by what is typed so far; what is no filter yet is said, and the last good one stays.
    fn try_filter(&mut self) {
        let Some(typing) = &self.screen.typing else { return };
        let written = typing.input.value().to_owned();
        let error = self.set_filter(&written).err();
        if let Some(typing) = &mut self.screen.typing {
            typing.error = error;
        }
    }

    fn press_in_help(&mut self, action: Action) -> Vec<Effect> {
        let line = self.screen.help.unwrap_or(0);
        let page = u16::try_from(self.page()).unwrap_or(u16::MAX);
        let last = u16::try_from(crate::action::ACTIONS.len()).unwrap_or(u16::MAX);
        self.screen.help = match action {
            Action::Help | Action::Back | Action::Open | Action::Quit => None,
            Action::Down => Some(line.saturating_add(1).min(last)),
            Action::Up => Some(line.saturating_sub(1)),
            Action::PageDown => Some(line.saturating_add(page).min(last)),
            Action::PageUp => Some(line.saturating_sub(page)),
            Action::First => Some(0),
            Action::Redraw => return vec![Effect::Redraw],
            _ => Some(line),
        };
        Vec::new()
    }

    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Quit => return vec![Effect::Quit],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Redraw => return vec![Effect::Redraw],
            Action::Export => return vec![Effect::Export],
            Action::RetrySource => return self.retry(),
            Action::Theme => return self.next_theme(),
            Action::Help => self.screen.help = Some(0),
            Action::Filter => {
                let before = self.screen.view().view.filter.written().to_owned();
                self.screen.typing =
                    Some(Typing { input: Input::new(before.clone()), before, error: None });
            }
            Action::Table(table) => self.screen.go(table),
            Action::NextTable => self.turn(1),
            Action::PreviousTable => self.turn(self.tabs().count() - 1),
            Action::Down => self.step(1),
            Action::Up => self.step(-1),
            Action::PageDown => self.turn_page(true),
            Action::PageUp => self.turn_page(false),
            Action::First => {
                let order = self.rows();
                self.select(&order, 0);
            }
            Action::Last => {
                let order = self.rows();
                self.select(&order, usize::MAX);
            }
            Action::Open => self.open(),
            Action::Back => self.back(),
            Action::Sort => self.pick_sort(),
            Action::Reverse => {
                let own = self.screen.table().sort();
                let view = self.screen.view_mut();
                let (column, high) = view.view.sort.unwrap_or(own);
                view.view.sort = Some((column, !high));
            }
            Action::Columns => self.choose_columns(),
            Action::Group => self.group(),
            Action::Mark => self.mark(),
            Action::Palette => self.open_palette(),
            Action::Pause => self.pause(),
            Action::Wall => self.toggle_wall(),
            Action::Mouse => return self.switch_mouse(),
            Action::Copy => return self.copy(),
            Action::Whose => self.whose(),
            Action::Operation(_) | Action::ActOnCall => self.propose(action),
        }
        Vec::new()
    }

    fn turn(&mut self, by: usize) {
        let all: Vec<TableId> = self.tabs().collect();
        let at = all.iter().position(|table| *table == self.screen.tab()).unwrap_or(0);
        self.screen.go(all[(at + by) % all.len()]);
    }

    pub(super) fn open(&mut self) {
        if let Some(RowId::Queue(source, queue)) = self.selected().cloned() {
            self.screen.enter(source, queue);
        } else if self.screen.table() == TableId::Queues {
            self.step(0);
        }
    }

    /// Drops the marks, else leaves the queue, else drops the filter, else the selection.
    fn back(&mut self) {
        self.notice = None;
        if !std::mem::take(&mut self.screen.view_mut().marks).is_empty() {
            return;
        }
        if self.screen.inside.take().is_some() {
            return;
        }
        if self.screen.view().view.filter.is_empty() {
            self.screen.view_mut().selected = None;
        } else {
            // No filter is always a filter.
            self.set_filter("").unwrap_or_default();
        }
    }

    fn pick_sort(&mut self) {
        let table = self.screen.table();
        let (current, _) = self.screen.view().view.sort.unwrap_or(table.sort());
        let heads: Vec<_> =
            table.columns().into_iter().filter(|head| head.rank != HIDDEN).collect();
        let columns: Vec<&'static str> = heads.iter().map(|head| head.name).collect();
        let items = heads
            .iter()
            .map(|head| Shown::clean(if head.header.is_empty() { "Severity" } else { head.header }))
            .collect();
        let marked = columns.iter().position(|name| *name == current).unwrap_or(0);
        let title = Shown::clean("Sort by");
        self.screen.dialog =
            Some(Dialog::Picker(Picker { title, items, marked, purpose: Purpose::Sort(columns) }));
    }

    fn retry(&mut self) -> Vec<Effect> {
        let selected = self.selected().and_then(RowId::source).cloned();
        let inside = self.screen.inside.as_ref().map(|(source, _)| source.clone());
        let sources: Vec<_> = match selected.or(inside) {
            Some(source) => vec![source],
            None => self.floor.worlds().map(|(name, _)| name.clone()).collect(),
        };
        let names: Vec<String> = sources.iter().map(|name| name.shown().to_string()).collect();
        self.note(&format!("reading {} again", names.join(", ")), Tone::Quiet);
        sources.into_iter().map(Effect::Retry).collect()
    }
}

/// What a key does to a line that is typed.
pub(super) fn typed(press: Press) -> Option<InputRequest> {
    Some(match (press.key, press.ctrl) {
        (Key::Char('u'), true) => InputRequest::DeleteLine,
        (Key::Char('w'), true) => InputRequest::DeletePrevWord,
        (Key::Char('a'), true) | (Key::Home, _) => InputRequest::GoToStart,
        (Key::Char('e'), true) | (Key::End, _) => InputRequest::GoToEnd,
        (Key::Char(c), false) if !press.alt => InputRequest::InsertChar(c),
        (Key::Backspace, _) => InputRequest::DeletePrevChar,
        (Key::Delete, _) => InputRequest::DeleteNextChar,
        (Key::Left, _) => InputRequest::GoToPrevChar,
        (Key::Right, _) => InputRequest::GoToNextChar,
        _ => return None,
    })
}
